/* SPDX-License-Identifier: GPL-2.0-only */
/* configuration.c - visits what was run: command line, machine, images */
#include "sim/account/result.h"
#include "sim/load/sha256.h"

#include <string.h>

struct parameters {
    struct visit *visit;
    const struct machine_config *machine;
};

/* What describes disks or a network is nothing to a machine without. */
static void parameter(void *context, const char *key, const char *value, const char *unit)
{
    const struct parameters *parameters = context;
    const struct machine_config *machine = parameters->machine;

    if ((machine->disk[0] || strncmp(key, "disk.", 5) != 0) &&
        (machine->network.peer != NETWORK_NONE || strncmp(key, "nic.", 4) != 0))
        visit_any(parameters->visit, key, unit, value_text(value));
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void image(struct visit *visit, const struct boot_item *item)
{
    char hash[17], digest[SHA256_TEXT];

    snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)file_hash(&item->file));
    sha256_text(&item->file, digest);
    visit_open(visit, NULL, SECTION_MEMBERS);
    visit_value(visit, "name", value_text(base_name(item->file.path)));
    visit_value(visit, "arguments", value_text(item->arguments));
    visit_value(visit, "bytes", value_number(item->file.size));
    visit_value(visit, "fnv1a64", value_text(hash));
    visit_value(visit, "sha256", value_text(digest));
    visit_close(visit);
}

/*
 * The command line as it can be given again, an option and its value in one word. Options that say
 * only where the output goes are left out, so that the same run has the same bytes.
 */
static void command_line(struct visit *visit, const struct result_request *request)
{
    const struct options *options = request->options;
    char word[4200];

    visit_open(visit, "command_line", SECTION_LIST);
    visit_member(visit, value_text(request->command));
    for (unsigned i = 0; options && i < options->count; i++) {
        const struct given *given = &options->given[i];

        if (!option_matters(given->option))
            continue;
        option_word(given, word, sizeof(word));
        visit_member(visit, value_text(word));
    }
    visit_close(visit);
}

void result_configuration(struct visit *visit, const struct result_request *request)
{
    const struct setup *setup = request->setup;
    const struct machine_config *machine = &setup->machine;
    struct parameters parameters = {visit, machine};

    visit_open(visit, "configuration", SECTION_MEMBERS);
    visit_value(visit, "system", value_text(request->system));
    visit_value(visit, "workload", value_text(request->workload));
    visit_value(visit, "domains", value_number_if(request->system, request->domains));
    visit_value(visit, "slice_ns", value_number_if(request->slice_ns, request->slice_ns));
    visit_value(visit, "domain_memory_bytes",
                value_number_if(request->domain_memory, request->domain_memory));
    visit_value(visit, "for_ns", value_number_if(setup->for_ns, setup->for_ns));
    visit_value(visit, "window_ns", value_number_if(request->window_ns, request->window_ns));
    command_line(visit, request);
    visit_value(visit, "processors", value_number(machine->processors));
    visit_value(visit, "memory_bytes", value_number(machine->ram_bytes));
    visit_value(visit, "timing", value_text(timing_name(machine->timing)));
    visit_value(visit, "quantum_cycles", value_number(machine->quantum));
    visit_value(visit, "date", value_signed(machine->date));
    visit_open(visit, "machine", SECTION_MEMBERS);
    visit_any(visit, "name", "text", value_text(setup->costs.name));
    description_visit(&setup->costs, &machine->devices, parameter, &parameters);
    visit_close(visit);
    visit_open(visit, "machine_file", SECTION_MEMBERS);
    visit_value(visit, "name", value_text(base_name(setup->machine_file)));
    visit_value(visit, "text", value_text(setup->machine_text));
    visit_close(visit);
    visit_open(visit, "images", SECTION_LIST);
    image(visit, &request->images->kernel);
    for (unsigned i = 0; i < request->images->modules; i++)
        image(visit, &request->images->module[i]);
    visit_close(visit);
    visit_close(visit);
}
