/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/network.h"

#include "sim/net/user.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define QUEUE_PRESET (UINT64_C(256) << 10)

/* ---- what is said -------------------------------------------------------------------------- */

/* The next part of a list with commas, cut off; NULL: there is none. */
static char *next_part(char **rest)
{
    char *part = *rest, *comma = part ? strchr(part, ',') : NULL;

    if (comma)
        *comma = '\0';
    *rest = comma ? comma + 1 : NULL;
    return part;
}

/* What follows NAME= in a part; NULL: it is another. */
static const char *value_of(const char *part, const char *name)
{
    size_t length = strlen(name);

    return !strncmp(part, name, length) && part[length] == '=' ? part + length + 1 : NULL;
}

/* The wires behind a switch, from 1 to a million Mbit/s, and at most a second long. */
static bool read_wire(struct network_config *config, const char *part, const char *rate)
{
    const char *value;
    uint64_t number;

    if (rate) {
        if (!parse_number(rate, 1, 1000000, &number))
            return false;
        config->rate = number * 1000000;
        return true;
    }
    config->latency_given = config->latency_given || value_of(part, "latency");
    if ((value = value_of(part, "latency")))
        return parse_time(value, &config->latency) && config->latency <= 1000000000;
    return (value = value_of(part, "queue")) && parse_size(value, &config->queue) &&
           config->queue >= LINK_FRAME_MAX;
}

static bool read_net_part(struct network_config *config, const char *part)
{
    const char *value;
    uint64_t number;
    double share;

    if ((value = value_of(part, "loss")) || (value = value_of(part, "late"))) {
        uint32_t *place = part[1] == 'o' ? &config->faults.lost : &config->faults.late;

        if (!parse_share(value, &share))
            return false;
        *place = (uint32_t)(share * 1e6 + 0.5);
        return true;
    }
    if ((value = value_of(part, "seed")))
        return parse_number(value, 0, UINT32_MAX, &config->faults.seed);
    if ((value = value_of(part, "hosts"))) {
        if (!parse_number(value, 1, HOSTS_MAX, &number))
            return false;
        config->hosts = (unsigned)number;
        return true;
    }
    return read_wire(config, part, value_of(part, "rate"));
}

/* "host", and more of it: what is wrong with the card's wire, and what lies behind a switch. */
static bool read_net(struct network_config *config, const char *given, char *why)
{
    char text[256], *rest = text, *part;

    _Static_assert(HOSTS_MAX == 8, "the sentence below, and options.def");
    snprintf(text, sizeof(text), "%s", given);
    part = next_part(&rest);
    if (strcmp(part, "host") != 0) {
        snprintf(why, SETUP_WHY_BYTES, "--net is host, user or replay:FILE, not \"%s\"", part);
        return false;
    }
    config->queue = QUEUE_PRESET;
    while ((part = next_part(&rest)))
        if (!read_net_part(config, part)) {
            snprintf(why, SETUP_WHY_BYTES,
                     "--net host,%s: after host come loss=1%%, late=1%%, seed=N, hosts=1 to 8, "
                     "rate=100 (Mbit/s), latency=1us and queue=256k",
                     part);
            return false;
        }
    if (!config->hosts &&
        (config->rate || config->latency_given || config->queue != QUEUE_PRESET)) {
        snprintf(why, SETUP_WHY_BYTES, "--net %s: rate=, latency= and queue= need hosts=", given);
        return false;
    }
    return true;
}

/* http://IP[:PORT]/PATH */
static bool read_url(struct client_order *order, const char *url)
{
    unsigned a, b, c, d, port = 80;
    int used = 0;

    if (sscanf(url, "http://%3u.%3u.%3u.%3u%n", &a, &b, &c, &d, &used) != 4 || a > 255 || b > 255 ||
        c > 255 || d > 255)
        return false;
    url += used;
    if (*url == ':' && (sscanf(url, ":%5u%n", &port, &used) != 1 || port < 1 || port > 65535))
        return false;
    if (*url == ':')
        url += used;
    if (*url && *url != '/')
        return false;
    order->ip = a << 24 | b << 16 | c << 8 | d;
    order->port = (uint16_t)port;
    return snprintf(order->path, sizeof(order->path), "%s", *url ? url : "/") <
           (int)sizeof(order->path);
}

/* The host that asks, from 1; which there must be, read_clients() looks. */
static bool read_host(unsigned *host, const char *value)
{
    uint64_t number;

    if (!parse_number(value, 1, HOSTS_MAX, &number))
        return false;
    *host = (unsigned)number - 1;
    return true;
}

static bool read_client(struct client_order *order, struct file *wanted, const char *given,
                        char *why)
{
    static char paths[CLIENTS_MAX][4096];
    static unsigned used;
    char text[4096], *rest = text, *part;
    const char *value;
    bool good;

    snprintf(text, sizeof(text), "%s", given);
    *order = (struct client_order){.from = 1000000000, .every = 1000000, .count = 1};
    good = read_url(order, next_part(&rest));
    while (good && (part = next_part(&rest))) {
        if ((value = value_of(part, "is")) && used < CLIENTS_MAX) {
            snprintf(paths[used], sizeof(paths[0]), "%s", value);
            if (!file_open(wanted, paths[used++], why, SETUP_WHY_BYTES))
                return false;
            order->wanted = wanted->bytes;
            order->wanted_bytes = wanted->size;
        } else {
            good = ((value = value_of(part, "by")) && read_host(&order->host, value)) ||
                   ((value = value_of(part, "from")) && parse_time(value, &order->from)) ||
                   ((value = value_of(part, "every")) && parse_time(value, &order->every)) ||
                   ((value = value_of(part, "count")) &&
                    parse_number(value, 1, CLIENT_COUNT_MAX, &order->count));
        }
    }
    if (!good)
        snprintf(why, SETUP_WHY_BYTES,
                 "--get %s: must be as http://10.0.2.15/x,from=1s,every=1ms,count=10,is=FILE",
                 given);
    return good;
}

static bool read_clients(struct network_files *files, struct network_config *config,
                         const struct options *options, char *why)
{
    for (unsigned i = 0; i < options->count; i++) {
        if (options->given[i].option != OPT_GET)
            continue;
        if (config->clients == CLIENTS_MAX) {
            snprintf(why, SETUP_WHY_BYTES, "more than %d --get", CLIENTS_MAX);
            return false;
        }
        if (!read_client(&config->client[config->clients], &files->wanted[config->clients],
                         options->given[i].value, why))
            return false;
        if (config->client[config->clients].host >= (config->hosts ? config->hosts : 1)) {
            snprintf(why, SETUP_WHY_BYTES, "--get %s: there are not so many hosts",
                     options->given[i].value);
            return false;
        }
        config->clients++;
    }
    return true;
}

/* One word of --load, behind the URL. */
static bool read_load_part(struct load_order *order, const char *part)
{
    const char *value;
    uint64_t number = 0;

    if ((value = value_of(part, "from")))
        return parse_time(value, &order->from);
    if ((value = value_of(part, "warm")))
        return parse_time(value, &order->warm);
    if ((value = value_of(part, "for")))
        return parse_time(value, &order->measure) && order->measure;
    if ((value = value_of(part, "seed")))
        return parse_number(value, 0, UINT32_MAX, &order->seed);
    if ((value = value_of(part, "by")))
        return read_host(&order->host, value);
    if ((value = value_of(part, "connections")) &&
        parse_number(value, 1, LOAD_CONNECTIONS, &number))
        order->connections = (unsigned)number;
    else if ((value = value_of(part, "directories")) &&
             parse_number(value, 1, WEB99_DIRECTORIES, &number))
        order->directories = (unsigned)number;
    return number;
}

static bool read_load(struct load_order *order, const char *given, char *why)
{
    char text[512], *rest = text, *part;
    struct client_order url;
    bool good;

    snprintf(text, sizeof(text), "%s", given);
    good = read_url(&url, next_part(&rest));
    *order = (struct load_order){.ip = url.ip,
                                 .port = url.port,
                                 .connections = 1,
                                 .directories = 1,
                                 .from = 1000000000,
                                 .warm = 2000000000,
                                 .measure = 3000000000,
                                 .seed = 1};
    while (good && (part = next_part(&rest)))
        good = read_load_part(order, part);
    if (!good)
        snprintf(why, SETUP_WHY_BYTES,
                 "--load-web %s: must be as http://10.0.2.15,connections=100,directories=1,from=1s,"
                 "warm=2s,for=3s,seed=1,by=1",
                 given);
    return good;
}

static bool read_loads(struct network_config *config, const struct options *options, char *why)
{
    for (unsigned i = 0; i < options->count; i++) {
        if (options->given[i].option != OPT_LOAD_WEB)
            continue;
        if (config->loads == LOADS_MAX) {
            snprintf(why, SETUP_WHY_BYTES, "more than %d --load-web", LOADS_MAX);
            return false;
        }
        if (!read_load(&config->load[config->loads], options->given[i].value, why))
            return false;
        if (config->load[config->loads].host >= (config->hosts ? config->hosts : 1)) {
            snprintf(why, SETUP_WHY_BYTES, "--load-web %s: there are not so many hosts",
                     options->given[i].value);
            return false;
        }
        config->loads++;
    }
    return true;
}

/* ---- outside of the simulation --------------------------------------------------------------- */

/* PORT-IP:PORT */
static bool read_forward(struct user_forward *forward, const char *value)
{
    unsigned here, a, b, c, d, there;
    int used = 0;

    if (sscanf(value, "%5u-%3u.%3u.%3u.%3u:%5u%n", &here, &a, &b, &c, &d, &there, &used) != 6 ||
        value[used] || !here || here > 65535 || !there || there > 65535 || a > 255 || b > 255 ||
        c > 255 || d > 255)
        return false;
    *forward =
        (struct user_forward){(uint16_t)here, (uint16_t)there, a << 24 | b << 16 | c << 8 | d};
    return true;
}

/* "user", ports and a log; starts the process. */
static bool open_user(struct network_files *files, struct network_config *config, const char *given,
                      char *why)
{
    static char text[4096];
    char *rest = text;
    struct user_forward forward[USER_FORWARDS];
    unsigned forwards = 0;
    const char *part, *value;

    snprintf(text, sizeof(text), "%s", given);
    next_part(&rest);
    while ((part = next_part(&rest))) {
        if ((value = value_of(part, "log")) && *value && !files->log_path) {
            files->log_path = value;
        } else if ((value = value_of(part, "hostfwd")) && forwards < USER_FORWARDS &&
                   read_forward(&forward[forwards], value)) {
            forwards++;
        } else {
            snprintf(why, SETUP_WHY_BYTES,
                     "--net user,%s: after user come hostfwd=8080-10.0.2.15:80 and log=FILE", part);
            return false;
        }
    }
    if (files->log_path && !(files->log = fopen(files->log_path, "we"))) {
        snprintf(why, SETUP_WHY_BYTES, "cannot write %s: %s", files->log_path, strerror(errno));
        return false;
    }
    config->outside = user_start(forward, forwards, why, SETUP_WHY_BYTES);
    return config->outside >= 0;
}

/* Whether --net says so; then *good says whether that went well. */
static bool open_outside(struct network_files *files, struct network_config *config,
                         const struct options *options, bool *good, char *why)
{
    static const char replay[] = "replay:";
    const char *net = option_value(options, OPT_NET);
    bool user = !strncmp(net, "user", 4) && (!net[4] || net[4] == ',');

    if (!user && strncmp(net, replay, sizeof(replay) - 1) != 0)
        return false;
    *good = false;
    config->peer = NETWORK_OUTSIDE;
    config->outside = -1;
    if (options->command != COMMAND_SHELL && options->command != COMMAND_GUEST) {
        snprintf(why, SETUP_WHY_BYTES, "--net user and --net replay: are for shell and guest");
    } else if (option_given(options, OPT_GET) || option_given(options, OPT_LOAD_WEB)) {
        snprintf(why, SETUP_WHY_BYTES, "--get and --load-web need --net host");
    } else if (user) {
        *good = open_user(files, config, net, why);
    } else {
        files->log_path = net + sizeof(replay) - 1;
        *good = (files->log = fopen(files->log_path, "re"));
        if (!*good)
            snprintf(why, SETUP_WHY_BYTES, "cannot read %s: %s", files->log_path, strerror(errno));
    }
    config->outside_log = files->log;
    return true;
}

/* ---- files and reports ----------------------------------------------------------------------- */

bool network_files_open(struct network_files *files, struct machine_config *config,
                        const struct options *options, char *why)
{
    const char *net = option_value(options, OPT_NET), *path = option_value(options, OPT_PCAP);

    if (!option_given(options, OPT_NET)) {
        const char *other = option_given(options, OPT_PCAP)       ? "pcap"
                            : option_given(options, OPT_GET)      ? "get"
                            : option_given(options, OPT_LOAD_WEB) ? "load-web"
                                                                  : NULL;

        if (other)
            snprintf(why, SETUP_WHY_BYTES, "--%s needs a --net", other);
        return !other;
    }
    bool good = true, outside = open_outside(files, &config->network, options, &good, why);
    if (!good)
        return false;
    if (!outside)
        config->network.peer = NETWORK_HOST;
    if (!outside && (!read_net(&config->network, net, why) ||
                     !read_clients(files, &config->network, options, why) ||
                     !read_loads(&config->network, options, why)))
        return false;
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

/* Closes what was written, if anything was; false, having said why, if it is not whole. */
static bool end_file(FILE **file, const char *path)
{
    bool whole;

    if (!*file)
        return true;
    whole = !ferror(*file);
    whole = fclose(*file) == 0 && whole;
    *file = NULL;
    if (!whole)
        say("cannot write %s: %s", path, strerror(errno));
    return whole;
}

bool network_files_end(struct network_files *files)
{
    bool captured = end_file(&files->capture, files->capture_path);

    return end_file(&files->log, files->log_path) && captured;
}

static void report_faults(const struct link *link, FILE *out, const char *prefix)
{
    if (link->faults.lost || link->faults.late)
        fprintf(out, "%swire: %" PRIu64 " frames lost, %" PRIu64 " late\n", prefix,
                link->end[0].faulty_lost + link->end[1].faulty_lost,
                link->end[0].faulty_late + link->end[1].faulty_late);
}

static void report_switch(const struct net_switch *sw, FILE *out, const char *prefix)
{
    uint64_t forwarded = 0, flooded = 0, lost = 0;

    for (unsigned i = 0; i < sw->ports; i++) {
        forwarded += sw->port[i].forwarded;
        flooded += sw->port[i].flooded;
        lost += sw->port[i].lost;
    }
    if (sw->ports)
        fprintf(out,
                "%sswitch: %u ports, %" PRIu64 " frames forwarded, %" PRIu64 " flooded, %" PRIu64
                " lost\n",
                prefix, sw->ports, forwarded, flooded, lost);
}

static void report_client(const struct client *client, FILE *out, const char *prefix)
{
    uint64_t mean = client->right ? client->waited / client->right : 0;

    fprintf(out,
            "%sclient of %s: %" PRIu64 " requests, %" PRIu64 " answered (%" PRIu64
            " bytes, %.3f ms, at most %.3f), %" PRIu64 " wrong, %" PRIu64 " failed\n",
            prefix, client->order->path, client->begun, client->right, client->bytes,
            (double)mean / 1e6, (double)client->waited_max / 1e6, client->wrong, client->failed);
}

static void report_load(const struct load *load, FILE *out, const char *prefix)
{
    const struct load_order *order = load->order;

    fprintf(out,
            "%sload of port %u: %u of %u connections conform; %" PRIu64 " requests (%" PRIu64
            " by the program), %.1f Mbit/s, %.1f ms, at most %.1f; %" PRIu64 " wrong, %" PRIu64
            " failed\n",
            prefix, order->port, load_conforming(load), order->connections, load->requests,
            load->right - load->kinds[WEB99_STATIC],
            (double)load->bytes * 8e3 / (double)order->measure,
            load->right ? (double)load->waited / (double)load->right / 1e6 : 0,
            (double)load->waited_max / 1e6, load->wrong, load->failed);
}

bool network_files_matter(const struct machine *machine)
{
    const struct network_config *config = &machine->config.network;

    return config->clients || config->loads || machine->network.outside.broken;
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
    report_faults(link, out, prefix);
    report_switch(&machine->network.net_switch, out, prefix);
    if (machine->network.outside.broken)
        fprintf(out, "%sthe log of frames from outside is damaged, or not whole\n", prefix);
    for (unsigned i = 0; i < machine->config.network.clients; i++)
        report_client(&machine->network.client[i], out, prefix);
    for (unsigned i = 0; i < machine->config.network.loads; i++)
        report_load(&machine->network.load[i], out, prefix);
}
