/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/network.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

bool network_files_open(struct network_files *files, struct machine_config *config,
                        const struct options *options, char *why)
{
    const char *net = option_value(options, OPT_NET), *path = option_value(options, OPT_PCAP);

    if (option_given(options, OPT_NET) && strcmp(net, "host") != 0) {
        snprintf(why, SETUP_WHY_BYTES, "--net is host, not \"%s\"", net);
        return false;
    }
    if (option_given(options, OPT_PCAP) && !option_given(options, OPT_NET)) {
        snprintf(why, SETUP_WHY_BYTES, "--pcap needs a --net");
        return false;
    }
    if (!option_given(options, OPT_NET))
        return true;
    config->network.peer = NETWORK_HOST;
    if (!option_given(options, OPT_PCAP))
        return true;
    files->capture_path = path;
    files->capture = fopen(path, "we");
    if (!files->capture)
        snprintf(why, SETUP_WHY_BYTES, "cannot write %s: %s", path, strerror(errno));
    config->network.capture = files->capture;
    return files->capture;
}

const char *network_words(const struct options *options)
{
    return option_given(options, OPT_NET) ? " ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off" : "";
}

bool network_files_end(struct network_files *files)
{
    bool whole;

    if (!files->capture)
        return true;
    whole = !ferror(files->capture);
    whole = fclose(files->capture) == 0 && whole;
    files->capture = NULL;
    if (!whole)
        say("cannot write %s: %s", files->capture_path, strerror(errno));
    return whole;
}

void network_files_report(const struct machine *machine, FILE *out, const char *prefix)
{
    const struct nic_counts *counts = &machine->network.nic.counts;
    const struct link *link = &machine->network.link;
    uint64_t dropped = 0, lost = counts->lost + link->end[0].lost + link->end[1].lost;

    if (!network_present(machine))
        return;
    for (unsigned i = 0; i < NIC_DROPS; i++)
        dropped += counts->dropped[i];
    fprintf(out,
            "%snetwork: %" PRIu64 " frames sent (%" PRIu64 " bytes), %" PRIu64 " received (%" PRIu64
            "), %" PRIu64 " dropped, %" PRIu64 " lost; %" PRIu64 " descriptors, %" PRIu64
            " doorbells, %" PRIu64 " interrupts\n",
            prefix, counts->sent_packets, counts->sent_bytes, counts->received_packets,
            counts->received_bytes, dropped, lost, counts->descriptors, counts->doorbells,
            counts->interrupts);
}
