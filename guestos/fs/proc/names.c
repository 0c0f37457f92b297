/* SPDX-License-Identifier: GPL-2.0-only */
/* names.c - what there is in /proc, by directory */
#include "guestos/fs/file.h"
#include "guestos/fs/pipe.h"
#include "guestos/fs/proc/tree.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"

const struct proc_name proc_names[] = {
    [PROC_SELF] = {"self", MODE_LINK | 0777, IN_ROOT},
    [PROC_EXE] = {"exe", MODE_LINK | 0777, IN_PROCESS},
    [PROC_CWD] = {"cwd", MODE_LINK | 0777, IN_PROCESS},
    [PROC_ROOT] = {"root", MODE_LINK | 0777, IN_PROCESS},
    [PROC_DESCRIPTORS_OF] = {"fd", MODE_DIRECTORY | 0500, IN_PROCESS},
    [PROC_SYS] = {"sys", MODE_DIRECTORY | 0555, IN_ROOT, .inside = IN_SYS},
    [PROC_SYS_KERNEL] = {"kernel", MODE_DIRECTORY | 0555, IN_SYS, .inside = IN_KERNEL},
    [PROC_SYS_FS] = {"fs", MODE_DIRECTORY | 0555, IN_SYS, .inside = IN_FS},
    [PROC_SYS_VM] = {"vm", MODE_DIRECTORY | 0555, IN_SYS, .inside = IN_VM},
    [PROC_NET] = {"net", MODE_DIRECTORY | 0555, IN_ROOT | IN_PROCESS, .inside = IN_NET},
    [PROC_XEN] = {"xen", MODE_DIRECTORY | 0555, IN_ROOT, .inside = IN_XEN},
    [PROC_XEN_PRIVCMD] = {"privcmd", MODE_CHARACTER | 0600, IN_XEN},

    [PROC_TEXTS] = {"uptime", MODE_REGULAR | 0444, IN_ROOT, .text = text_uptime},
    {"loadavg", MODE_REGULAR | 0444, IN_ROOT, .text = text_loadavg},
    {"meminfo", MODE_REGULAR | 0444, IN_ROOT, .text = text_meminfo},
    {"filesystems", MODE_REGULAR | 0444, IN_ROOT, .text = text_filesystems},
    {"version", MODE_REGULAR | 0444, IN_ROOT, .text = text_version},
    {"cpuinfo", MODE_REGULAR | 0444, IN_ROOT, .text = text_cpuinfo},
    {"stat", MODE_REGULAR | 0444, IN_ROOT, .text = text_system_stat},
    {"vmstat", MODE_REGULAR | 0444, IN_ROOT, .text = text_vmstat},
    {"slabinfo", MODE_REGULAR | 0400, IN_ROOT, .text = text_slabinfo},
    {"mounts", MODE_REGULAR | 0444, IN_ROOT | IN_PROCESS, .text = text_mounts},
    {"mountinfo", MODE_REGULAR | 0444, IN_PROCESS, .text = text_mountinfo},
    {"stat", MODE_REGULAR | 0444, IN_PROCESS, .text = text_stat},
    {"statm", MODE_REGULAR | 0444, IN_PROCESS, .text = text_statm},
    {"status", MODE_REGULAR | 0444, IN_PROCESS, .text = text_status},
    {"cmdline", MODE_REGULAR | 0444, IN_PROCESS, .text = text_cmdline},
    {"comm", MODE_REGULAR | 0444, IN_PROCESS, .text = text_comm},
    {"maps", MODE_REGULAR | 0444, IN_PROCESS, .text = text_maps, .of_space = true},
    {"limits", MODE_REGULAR | 0444, IN_PROCESS, .text = text_limits},
    {"ostype", MODE_REGULAR | 0444, IN_KERNEL, .word = SYSTEM_NAME},
    {"osrelease", MODE_REGULAR | 0444, IN_KERNEL, .word = SYSTEM_RELEASE},
    {"version", MODE_REGULAR | 0444, IN_KERNEL, .word = SYSTEM_VERSION},
    {"hostname", MODE_REGULAR | 0444, IN_KERNEL, .word = SYSTEM_NODE},
    {"domainname", MODE_REGULAR | 0444, IN_KERNEL, .word = SYSTEM_DOMAIN},
    {"pid_max", MODE_REGULAR | 0444, IN_KERNEL, .number = PID_LIMIT},
    {"ngroups_max", MODE_REGULAR | 0444, IN_KERNEL, .number = FURTHER_GROUPS},
    {"tainted", MODE_REGULAR | 0444, IN_KERNEL, .number = 0},
    {"nr_open", MODE_REGULAR | 0444, IN_FS, .number = DESCRIPTORS},
    {"pipe-max-size", MODE_REGULAR | 0444, IN_FS, .number = PIPE_MOST},
    {"dev", MODE_REGULAR | 0444, IN_NET, .text = text_net_dev},
    {"route", MODE_REGULAR | 0444, IN_NET, .text = text_net_route},
    {"arp", MODE_REGULAR | 0444, IN_NET, .text = text_net_arp},
    {"tcp", MODE_REGULAR | 0444, IN_NET, .text = text_net_tcp},
    {"udp", MODE_REGULAR | 0444, IN_NET, .text = text_net_udp},
    {"raw", MODE_REGULAR | 0444, IN_NET, .text = text_net_raw},
    {"overcommit_memory", MODE_REGULAR | 0444, IN_VM, .number = 1},
};

const uint32_t proc_names_count = ARRAY_LENGTH(proc_names);

bool proc_is_in(const struct inode *directory, uint32_t index)
{
    uint32_t place = directory->kind == PROC_KIND_ROOT      ? IN_ROOT
                     : directory->kind == PROC_KIND_PROCESS ? IN_PROCESS
                                                            : proc_names[directory->kind].inside;
    bool of_xen = index == PROC_XEN || index == PROC_XEN_PRIVCMD;

    return proc_names[index].places & place && (!of_xen || device_ops(PRIVCMD));
}
