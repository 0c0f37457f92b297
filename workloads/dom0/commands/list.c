/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * list.c - xl list: a line a domain, or with -l all that is known of each, as JSON
 */
#include <stdio.h>
#include <string.h>

#include "workloads/dom0/commands/commands.h"
#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/config/names.h"
#include "workloads/dom0/xl/store.h"

static unsigned shutdown_reason(const struct xen_domctl_getdomaininfo *info)
{
    return info->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
}

void state_letters(const struct xen_domctl_getdomaininfo *info, char state[STATE_BYTES])
{
    static const struct {
        uint32_t flag;
        char letter;
    } states[STATE_BYTES - 1] = {
        {XEN_DOMINF_running, 'r'},
        {XEN_DOMINF_blocked, 'b'},
        {XEN_DOMINF_paused, 'p'},
        {XEN_DOMINF_shutdown, 's'},
        {0, 'c'},
        {XEN_DOMINF_dying, 'd'},
    };
    bool crashed = (info->flags & XEN_DOMINF_shutdown) && shutdown_reason(info) == SHUTDOWN_crash;

    for (size_t i = 0; i < STATE_BYTES - 1; i++) {
        bool set = states[i].flag ? (info->flags & states[i].flag) != 0 : crashed;

        state[i] = set ? states[i].letter : '-';
    }
    state[STATE_BYTES - 1] = '\0';
}

int for_each_named(int count, char **words,
                   bool (*act)(const struct xen_domctl_getdomaininfo *, void *), void *context)
{
    struct xen_domctl_getdomaininfo info;
    int status = 0;

    if (count == 0)
        return !domains_each(0, act, context);
    for (int i = 0; i < count; i++) {
        int domain = domains_find(words[i]);

        if (domain < 0 || !domains_info((unsigned)domain, &info) || !act(&info, context))
            status = 1;
    }
    return status;
}

bool store_of_domain(unsigned domain, const char *name, char *value, size_t room)
{
    char path[128];

    if (store_open())
        return false;
    snprintf(path, sizeof(path), "/local/domain/%u/%s", domain, name);
    return store_read(path, value, room) >= 0;
}

bool store_of_vm(unsigned domain, const char *name, char *value, size_t room)
{
    char path[256], vm[128];

    if (!store_of_domain(domain, "vm", vm, sizeof(vm)))
        return false;
    snprintf(path, sizeof(path), "%s/%s", vm, name);
    return store_read(path, value, room) >= 0;
}

/* The UUID that the store has for a domain; without a store, what it would be. */
static void uuid_of(const struct xen_domctl_getdomaininfo *info, char uuid[NAMES_UUID_BYTES])
{
    char path[64], vm[64], name[17];

    if (info->domain == 0) {
        snprintf(uuid, NAMES_UUID_BYTES, "00000000-0000-0000-0000-000000000000");
        return;
    }
    snprintf(path, sizeof(path), "/local/domain/%u/vm", info->domain);
    if (store_open() == 0 && store_read(path, vm, sizeof(vm)) == 4 + NAMES_UUID_BYTES - 1) {
        memcpy(uuid, vm + 4, NAMES_UUID_BYTES); /* /vm/UUID */
        return;
    }
    domains_name(info, name);
    names_make_uuid(info->domain, name, uuid);
}

/* ---- a line each ----------------------------------------------------------------------------- */

static bool list_one(const struct xen_domctl_getdomaininfo *info, void *context)
{
    const bool *verbose = context;
    char name[17], state[STATE_BYTES], uuid[NAMES_UUID_BYTES];
    unsigned long tenths = (unsigned long)(info->cpu_time / 100000000u);

    domains_name(info, name);
    state_letters(info, state);
    printf("%-16s %5u %5lu %5u   %s %7lu.%lu", name, info->domain,
           (unsigned long)(info->tot_pages >> 8), info->nr_online_vcpus, state, tenths / 10,
           tenths % 10);
    if (*verbose) {
        uuid_of(info, uuid);
        printf(" %s", uuid);
        if (info->flags & XEN_DOMINF_shutdown)
            printf(" %11u", shutdown_reason(info));
        else
            printf(" %11s", "-");
    }
    putchar('\n');
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* A text as JSON has it: names are printable ASCII without quotes. */
static bool show_one(const struct xen_domctl_getdomaininfo *info, void *context)
{
    bool *first = context;
    char name[17], uuid[NAMES_UUID_BYTES], state[STATE_BYTES], target[24];

    domains_name(info, name);
    uuid_of(info, uuid);
    state_letters(info, state);
    if (!store_of_domain(info->domain, "memory/target", target, sizeof(target)) ||
        target[strspn(target, "0123456789")] || !*target)
        snprintf(target, sizeof(target), "%lu", (unsigned long)info->tot_pages * 4);
    printf("%s\n    {\n        \"domid\": %u,\n        \"config\": {\n"
           "            \"c_info\": {\n                \"type\": \"pv\",\n"
           "                \"name\": \"%s\",\n                \"uuid\": \"%s\"\n            },\n"
           "            \"b_info\": {\n                \"max_vcpus\": %u,\n"
           "                \"max_memkb\": %llu,\n                \"target_memkb\": %s\n"
           "            }\n        },\n",
           *first ? "" : ",", info->domain, name, uuid, info->max_vcpu_id + 1,
           (unsigned long long)info->max_pages * 4, target);
    printf("        \"state\": \"%s\",\n        \"memkb\": %llu,\n"
           "        \"outstanding_memkb\": %llu,\n        \"online_vcpus\": %u,\n"
           "        \"cpu_time_ns\": %llu,\n        \"shutdown_reason\": ",
           state, (unsigned long long)info->tot_pages * 4,
           (unsigned long long)info->outstanding_pages * 4, info->nr_online_vcpus,
           (unsigned long long)info->cpu_time);
    if (info->flags & XEN_DOMINF_shutdown)
        printf("%u\n    }", shutdown_reason(info));
    else
        printf("null\n    }");
    *first = false;
    return true;
}

int command_list(int count, char **words)
{
    bool whole = false, verbose = false, first = true;

    for (; count > 0 && words[0][0] == '-'; count--, words++)
        if (strcmp(words[0], "-l") == 0 || strcmp(words[0], "--long") == 0)
            whole = true;
        else if (strcmp(words[0], "-v") == 0 || strcmp(words[0], "--verbose") == 0)
            verbose = true;
        else
            return 2;
    if (whole) {
        putchar('[');
        int status = for_each_named(count, words, show_one, &first);

        printf("\n]\n");
        return status;
    }
    printf("%-16s %5s %5s %5s   %s %8s", "Name", "ID", "Mem", "VCPUs", "State", "Time(s)");
    printf(verbose ? " %-36s %11s\n" : "\n", "UUID", "Reason-Code");
    return for_each_named(count, words, list_one, &verbose);
}
