/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * create.c - the create command: one description, any number of domains
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xl/builder.h"
#include "workloads/dom0/xl/config.h"
#include "workloads/dom0/xl/console.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/file.h"
#include "workloads/dom0/xl/hypercall.h"
#include "workloads/dom0/xl/introduce.h"
#include "workloads/dom0/xl/sched.h"
#include "workloads/dom0/config/names.h"

#define COPIES_MOST 1000

struct request {
    struct domain_config config;
    bool paused;
    bool console;    /* show it */
    bool foreground; /* until it ends; our exit status says how */
    unsigned copies;
};

/* Exit statuses of a domain that was created in the foreground. */
#define STATUS_CRASHED 3
#define STATUS_OTHER   4

/* Options first, then KEY=VALUE words and at most one file name, in any order. */
static bool parse_request(struct request *r, int count, char **words)
{
    memset(r, 0, sizeof(*r));
    config_init(&r->config);
    r->copies = 1;
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], "-p") == 0) {
            r->paused = true;
        } else if (strcmp(words[i], "-c") == 0) {
            r->console = true;
        } else if (strcmp(words[i], "-F") == 0) {
            r->foreground = true;
        } else if (strcmp(words[i], "-n") == 0 && i + 1 < count) {
            char *end;
            unsigned long n = strtoul(words[++i], &end, 10);

            if (!isdigit((unsigned char)*words[i]) || *end || n == 0 || n > COPIES_MOST) {
                fprintf(stderr, "xl: '%s' is not a number of domains\n", words[i]);
                return false;
            }
            r->copies = (unsigned)n;
        } else if (strchr(words[i], '=')) {
            const char *wrong = config_set(&r->config, words[i]);

            if (wrong) {
                fprintf(stderr, "xl: '%s' %s\n", words[i], wrong);
                return false;
            }
        } else if (!config_read(&r->config, words[i])) {
            return false;
        }
    }
    if (!r->config.kernel[0])
        fprintf(stderr, "xl: a domain needs kernel=FILE\n");
    if ((r->console || r->foreground) && (r->copies != 1 || r->paused)) {
        fprintf(stderr, "xl: -c and -F are for one domain that runs at once\n");
        return false;
    }
    for (unsigned i = 0; i < r->config.disks; i++)
        if (r->copies > 1 && r->config.disk[i].writable &&
            !strstr(r->config.disk[i].target, "%n")) {
            fprintf(stderr, "xl: several domains cannot write to one disk, %s\n",
                    r->config.disk[i].target);
            return false;
        }
    for (unsigned i = 0; i < r->config.vifs; i++)
        if (r->copies > 1 && (r->config.vif[i].has_mac || r->config.vif[i].ip[0])) {
            fprintf(stderr, "xl: several domains cannot have one mac or ip\n");
            return false;
        }
    return r->config.kernel[0];
}

static bool unpause(int domain)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_unpausedomain, .domain = (domid_t)domain};
    long result = hypercall_domctl(&op);

    if (result < 0)
        fprintf(stderr, "xl: domain %d cannot be unpaused: %s\n", domain, strerror((int)-result));
    return result >= 0;
}

/* Name of copy i: "name", or "name-1", "name-2", ... if there are several. */
static bool name_copy(const struct request *r, unsigned i, char *name)
{
    const char *base = r->config.name[0] ? r->config.name : "domain";
    char text[CONFIG_VALUE_BYTES + 16];

    snprintf(text, sizeof(text), r->copies == 1 ? "%s" : "%s-%u", base, i + 1);
    const char *wrong = names_check(text);

    if (wrong)
        fprintf(stderr, "xl: the name '%s' %s\n", text, wrong);
    else
        strcpy(name, text);
    return !wrong;
}

struct taken {
    const struct request *r;
    char name[DOMAIN_NAME_BYTES]; /* that some domain has already, or "" */
};

static bool find_taken(const struct xen_domctl_getdomaininfo *info, void *context)
{
    struct taken *t = context;
    char theirs[17], ours[DOMAIN_NAME_BYTES];

    domains_name(info, theirs);
    for (unsigned i = 0; i < t->r->copies && !t->name[0]; i++)
        if (name_copy(t->r, i, ours) && strcmp(ours, theirs) == 0)
            strcpy(t->name, ours);
    return !t->name[0];
}

/* All names are good, and no other domain has one, before the first domain is made. */
static bool names_are_free(const struct request *r)
{
    struct taken t = {.r = r};
    char name[DOMAIN_NAME_BYTES];

    if (!name_copy(r, r->copies - 1, name) || !name_copy(r, 0, name))
        return false;
    domains_each(0, find_taken, &t);
    if (t.name[0])
        fprintf(stderr, "xl: there is a domain '%s' already\n", t.name);
    return !t.name[0];
}

/* The text with i in place of every %n; false: no room. */
static bool number_text(const char *text, unsigned i, char *to, size_t room)
{
    size_t used = 0;

    for (const char *c = text; *c; c++) {
        bool number = c[0] == '%' && c[1] == 'n';
        int added =
            snprintf(to + used, room - used, number ? "%u" : "%c", number ? i : (unsigned char)*c);

        used += (size_t)added;
        if (used >= room)
            return false;
        c += number;
    }
    to[used] = '\0';
    return true;
}

/* What copy i has of its own: the command line, from the extra words, and the disks' targets. */
static bool number_copy(const struct request *r, unsigned i, struct domain_plan *plan)
{
    static char line[CONFIG_VALUE_BYTES];
    static struct disk_config disk[DISKS_MOST];
    bool fits = number_text(r->config.extra, i, line, sizeof(line));

    memcpy(disk, r->config.disk, sizeof(disk));
    for (unsigned j = 0; j < r->config.disks && fits; j++)
        fits = number_text(r->config.disk[j].target, i, disk[j].target, sizeof(disk[j].target));
    if (!fits)
        fprintf(stderr, "xl: extra or a disk is too long with the number of a copy\n");
    plan->command_line = line;
    plan->disk = disk;
    return fits;
}

/* Builds and introduces it; its number, or -1. */
static int make_one(const struct request *r, struct domain_plan *plan)
{
    struct built_domain built;
    int domain = builder_make_domain(plan, &built);

    if (domain >= 0 && ((r->config.weight && sched_weigh((unsigned)domain, r->config.weight)) ||
                        introduce_domain(plan, &built))) {
        domains_destroy((domid_t)domain);
        return -1;
    }
    return domain;
}

static bool make_copies(const struct request *r, struct domain_plan *plan)
{
    for (unsigned i = 0; i < r->copies; i++) {
        if (!name_copy(r, i, plan->name) || !number_copy(r, i, plan))
            return false;
        int domain = make_one(r, plan);

        if (domain < 0 || (!r->paused && !unpause(domain)))
            return false;
    }
    printf("xl: created %u domain%s of %u MB\n", r->copies, r->copies == 1 ? "" : "s",
           (unsigned)r->config.memory);
    return true;
}

/* ---- in the foreground ----------------------------------------------------------------------- */

static int how_it_ended(unsigned domain)
{
    struct xen_domctl_getdomaininfo info;

    if (!domains_info(domain, &info) || !(info.flags & XEN_DOMINF_shutdown))
        return STATUS_OTHER;
    switch (info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask) {
    case SHUTDOWN_poweroff:
    case SHUTDOWN_reboot:
        return 0;
    case SHUTDOWN_crash:
        return STATUS_CRASHED;
    default:
        fprintf(stderr, "xl: the domain has ended neither by itself nor by a crash\n");
        return STATUS_OTHER;
    }
}

/* Attached before it runs: nothing that it writes is missed. */
static int run_one(const struct request *r, struct domain_plan *plan)
{
    if (!name_copy(r, 0, plan->name) || !number_copy(r, 0, plan))
        return 1;
    int domain = make_one(r, plan);
    int console = domain < 0 ? -1 : console_attach((unsigned)domain);

    if (console < 0 || !unpause(domain)) {
        if (domain >= 0)
            domains_destroy((domid_t)domain);
        return 1;
    }
    enum console_end end = console_carry(console, (unsigned)domain, r->foreground);

    if (!r->foreground || end == CONSOLE_LEFT)
        return 0;
    int status = how_it_ended((unsigned)domain);

    domains_destroy((domid_t)domain);
    return status;
}

int command_create(int count, char **words)
{
    static struct request r;
    struct kernel_image kernel;
    struct domain_plan plan = {.kernel = &kernel};
    size_t kernel_bytes, ramdisk_bytes = 0;
    const uint8_t *file, *ramdisk = NULL;

    if (!parse_request(&r, count, words) || !names_are_free(&r) ||
        !(file = file_read(r.config.kernel, &kernel_bytes)))
        return 1;
    if (r.config.ramdisk[0] && !(ramdisk = file_read(r.config.ramdisk, &ramdisk_bytes)))
        return 1;
    struct image_file whole = image_in_memory(file, (uint32_t)kernel_bytes);
    const char *wrong = kernel_image_read(&whole, KERNEL_OF_ANOTHER, &kernel);

    if (wrong) {
        fprintf(stderr, "xl: kernel %s %s\n", r.config.kernel, wrong);
        return 1;
    }
    plan.kernel_file = file;
    plan.pages = r.config.memory << 8; /* 256 frames a MB */
    plan.disks = r.config.disks;
    plan.vif = r.config.vif;
    plan.vifs = r.config.vifs;
    plan.ramdisk = ramdisk;
    plan.ramdisk_bytes = (uint32_t)ramdisk_bytes;
    return r.console || r.foreground ? run_one(&r, &plan) : !make_copies(&r, &plan);
}
