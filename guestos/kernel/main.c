/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - from the port's boot code to process 1
 *
 * The command line: words before " -- " are the kernel's (init=PATH, root=, rootfstype=; mem=SIZE
 * is read by the ports), words after it become init's arguments.
 */
#include "guestos/drivers/tty.h"
#include "guestos/fs/file.h"
#include "guestos/block/devices.h"
#include "guestos/block/ramdisk.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/options.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/net/net.h"

#define INIT_ARGUMENTS 256 /* more than the longest command line has words of three letters */

static struct thread boot_thread = {.process = &idle_process}; /* the first processor's idle one */
static char root[24];                                          /* "": in memory */
static char init_path[256] = "/sbin/init";
static char *init_arguments[INIT_ARGUMENTS + 2];

/* Cuts the command line into init's arguments, in place. */
static void read_command_line(char *line)
{
    const char *init = option_value(line, "init");

    if (init)
        option_copy(init_path, init, sizeof(init_path));
    uint32_t n = 0;
    init_arguments[n++] = init_path;
    char *at = option_init_words(line);
    while (at && *at && n <= INIT_ARGUMENTS) {
        init_arguments[n++] = at;
        while (*at && *at != ' ')
            at++;
        while (*at == ' ')
            *at++ = '\0';
    }
}

/* root=NAME or root=/dev/NAME: an ext2 or ext3 volume on it is the root file system. */
static void read_root(const char *line)
{
    const char *name = option_value(line, "root"), *type = option_value(line, "rootfstype");
    char kind[16] = "ext2";

    if (name)
        option_copy(root, name, sizeof(root));
    if (type)
        option_copy(kind, type, sizeof(kind));
    if (*root && strcmp(kind, "ext2") && strcmp(kind, "ext3"))
        panic("rootfstype=%s: only ext2 or ext3 can be on %s", kind, root);
}

static void open_console(void)
{
    struct inode *inode = path_lookup(root_inode, "/dev/console", 0);

    if (IS_ERR(inode))
        panic("there is no /dev/console");
    for (int i = 0; i < 3; i++) {
        struct file *file = file_open(inode, OPEN_BOTH);

        if (IS_ERR(file) || files_install(file, 0, false) != i)
            panic("cannot open /dev/console");
    }
    inode_release(inode);
}

/* Process 1 begins here, on its own kernel stack, and leaves through the frame for ring 3. */
void init_begin(struct trap_frame *frame)
{
    static char *environment[] = {"HOME=/", "TERM=linux", "PATH=/bin:/sbin:/usr/bin:/usr/sbin",
                                  NULL};

    open_console();
    int error = process_exec(frame, init_path, init_arguments, environment, false);
    if (error)
        panic("cannot start %s: error %d", init_path, -error);
}

void kernel_main(struct boot_info *boot)
{
    struct thread **owner =
        (struct thread **)((uint32_t)__builtin_frame_address(0) & ~(KERNEL_STACK_BYTES - 1));

    *owner = &boot_thread;
    kprintf("xenolith guestos: %u kB of memory, %u kB free, ramdisk %u kB\n", pages_total() * 4,
            pages_free() * 4, boot->ramdisk_bytes / 1024);
    boot_thread.machine.stack = (uint32_t)owner;
    scheduler_add_processor(0, &boot_thread);
    kernel_lock();
    arch_announce_counters(&counters);
    read_root(boot->command_line);
    arch_find_disks();
    read_command_line(boot->command_line);
    uint32_t kept = root_init(boot->ramdisk, boot->ramdisk_bytes, root);
    if (boot->ramdisk_bytes > kept) {
        uint8_t *rest = boot->ramdisk + kept;
        uint32_t first = address_pfn(rest);

        pages_add((uint32_t)rest & ~PAGE_MASK ? first + 1 : first,
                  address_pfn(boot->ramdisk + boot->ramdisk_bytes));
    }
    devices_init();
    ramdisks_init();
    block_devices_name();
    tty_init();
    net_init(boot->command_line);
    arch_add_devices();
    arch_start_processors();
    process_start_init();
    scheduler_run();
}
