/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exec.c - starting a program
 *
 * The new space is built completely beside the old one, not live, so that nothing of the caller is
 * lost if something is wrong; then it is activated (on Xen: pinned, one validation of the whole
 * tree) and takes the old one's place. Segments are areas over the file's own pages, so loading
 * reads nothing: only the stack and the page in which initialised data ends are written here.
 *
 * The stack of a new program (System V ABI i386, "Process Initialization"), from the top: file
 * name, environment and argument strings, platform string, random bytes, auxiliary vector,
 * environment pointers, argument pointers, argument count.
 */
#include "guestos/fs/file.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/counters.h"
#include "guestos/process/elf.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/posix_timer.h"
#include "guestos/process/process.h"
#include "guestos/kernel/random.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"
#include "guestos/trace/trace.h"

#define STRINGS_ORDER 4 /* arguments and environment together: 64 kB */
#define STRINGS_BYTES (PAGE_SIZE << STRINGS_ORDER)
#define STRINGS_COUNT 4096u
#define SHARED_BASE   0x56555000u /* where a position-independent program goes */
#define LINKER_BASE   0xB7000000u /* its interpreter: above everything mmap() places */

enum { /* auxiliary vector, elf.h of Linux */
       AT_NULL = 0,
       AT_PHDR = 3,
       AT_PHENT = 4,
       AT_PHNUM = 5,
       AT_PAGESZ = 6,
       AT_BASE = 7,
       AT_FLAGS = 8,
       AT_ENTRY = 9,
       AT_UID = 11,
       AT_EUID = 12,
       AT_GID = 13,
       AT_EGID = 14,
       AT_PLATFORM = 15,
       AT_HWCAP = 16,
       AT_CLKTCK = 17,
       AT_SECURE = 23,
       AT_RANDOM = 25,
       AT_EXECFN = 31,
};

/* Arguments and environment, copied before the old space goes. */
struct strings {
    char *bytes;
    uint32_t used, arguments, variables;
};

struct image {
    uint32_t entry, bias, headers, header_count, end;
    char interpreter[256]; /* "": none */
    bool secret;           /* who runs it may not read it */
};

static int add_string(struct strings *strings, const char *text, bool user)
{
    uint32_t room = STRINGS_BYTES - strings->used;
    char *to = strings->bytes + strings->used;
    int length = user ? copy_string_from_user(to, text, room) : (int)strlen(text);

    if (length < 0 || (uint32_t)length >= room)
        return length == -EFAULT ? -EFAULT : -E2BIG;
    if (!user)
        memcpy(to, text, (uint32_t)length + 1);
    strings->used += (uint32_t)length + 1;
    return 0;
}

static int add_list(struct strings *strings, char *const *list, bool user, uint32_t *count_out)
{
    for (uint32_t n = 0; list; n++) {
        char *text;

        if (!user)
            text = list[n];
        else if (copy_from_user(&text, &list[n], sizeof(text)))
            return -EFAULT;
        if (!text)
            break;
        if (n >= STRINGS_COUNT)
            return -E2BIG;
        int error = add_string(strings, text, user);
        if (error)
            return error;
        ++*count_out;
    }
    return 0;
}

/* ---- segments -------------------------------------------------------------------------------- */

static int map_segment(struct space *space, struct inode *file, const struct elf_segment *s,
                       uint32_t bias)
{
    uint32_t start = s->vaddr + bias, data_end = start + s->filesz, end = start + s->memsz;
    struct area area = {
        .start = PAGE_DOWN(start),
        .end = PAGE_UP(data_end),
        .protection = (s->flags & ELF_R ? PROT_READ : 0) | (s->flags & ELF_W ? PROT_WRITE : 0) |
                      (s->flags & ELF_X ? PROT_EXEC : 0),
        .file = file,
        .file_page = s->offset >> PAGE_SHIFT,
    };
    int error = 0;

    if (s->filesz)
        error = space_map(space, &area);
    if (!error && PAGE_UP(end) > (s->filesz ? area.end : area.start)) {
        struct area rest = {.start = s->filesz ? area.end : area.start,
                            .end = PAGE_UP(end),
                            .protection = area.protection};

        error = space_map(space, &rest);
    }
    /* What follows initialised data in its last page reads as zero. */
    if (!error && s->filesz && end > data_end && (data_end & ~PAGE_MASK) && s->flags & ELF_W) {
        char *zeros = heap_allocate(PAGE_SIZE);

        if (!zeros)
            return -ENOMEM;
        error = space_write(space, data_end, zeros, PAGE_UP(data_end) - data_end);
        heap_free(zeros);
    }
    return error;
}

static int map_image(struct space *space, struct inode *file, uint32_t shared_base,
                     struct image *image)
{
    struct elf_header header;
    struct elf_segment segment[ELF_SEGMENTS];
    struct elf_plan plan;

    if ((file->mode & MODE_TYPE) != MODE_REGULAR || inode_allow(file, MAY_EXECUTE))
        return -EACCES;
    if (file->writers)
        return -ETXTBSY;
    if (inode_read(file, 0, &header, sizeof(header)) != sizeof(header) ||
        !elf_header_ok(&header, file->size))
        return -ENOEXEC;
    inode_read(file, header.phoff, segment, header.phnum * sizeof(segment[0]));
    uint32_t bias = header.type == ELF_SHARED ? shared_base : 0;
    if (!elf_plan(&header, segment, file->size, bias ? 0 : LOWEST_USER,
                  STACK_TOP - STACK_LIMIT - bias, &plan))
        return -ENOEXEC;
    if (plan.interpreter >= 0) {
        const struct elf_segment *s = &segment[plan.interpreter];

        if (s->filesz < 2 || s->filesz > sizeof(image->interpreter) ||
            inode_read(file, s->offset, image->interpreter, s->filesz) != (int)s->filesz ||
            image->interpreter[s->filesz - 1])
            return -ENOEXEC;
    }
    for (uint32_t i = 0; i < header.phnum; i++)
        if (segment[i].type == ELF_LOAD && segment[i].memsz) {
            int error = map_segment(space, file, &segment[i], bias);

            if (error)
                return error;
        }
    image->secret = inode_allow(file, MAY_READ) != 0;
    image->entry = header.entry + bias;
    image->bias = bias;
    image->headers = plan.headers ? plan.headers + bias : 0;
    image->header_count = header.phnum;
    image->end = plan.high + bias;
    return 0;
}

static int map_interpreter(struct space *space, const char *path, struct image *linker)
{
    struct inode *file = path_lookup(path_root(), path, 0);

    if (IS_ERR(file))
        return PTR_ERR(file);
    int error = map_image(space, file, LINKER_BASE, linker);
    inode_release(file);
    return error ? error : linker->interpreter[0] ? -ENOEXEC : 0;
}

/* ---- the stack ------------------------------------------------------------------------------- */

static uint32_t cpu_features(void)
{
    uint32_t eax = 1, ebx, ecx, edx;

    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    return edx;
}

/* Writes the stack; its address, or 0 with *error set. */
static uint32_t build_stack(struct space *space, const struct strings *strings,
                            const struct image *program, uint32_t linker_base,
                            const struct identity *who, int *error)
{
    struct area area = {.start = STACK_TOP - 2 * PAGE_SIZE - PAGE_UP(strings->used),
                        .end = STACK_TOP,
                        .protection = PROT_READ | PROT_WRITE | PROT_EXEC,
                        .flags = AREA_GROWS};
    uint32_t text = STACK_TOP - 4 - strings->used, platform = (text - 8) & ~15u,
             random = platform - 16;
    const uint32_t aux[] = {
        AT_HWCAP,    cpu_features(),
        AT_PAGESZ,   PAGE_SIZE,
        AT_CLKTCK,   TICK_HZ,
        AT_PHDR,     program->headers,
        AT_PHENT,    sizeof(struct elf_segment),
        AT_PHNUM,    program->header_count,
        AT_BASE,     linker_base,
        AT_FLAGS,    0,
        AT_ENTRY,    program->entry,
        AT_UID,      who->user[0],
        AT_EUID,     who->user[1],
        AT_GID,      who->group[0],
        AT_EGID,     who->group[1],
        AT_SECURE,   who->user[0] != who->user[1] || who->group[0] != who->group[1],
        AT_RANDOM,   random,
        AT_EXECFN,   text,
        AT_PLATFORM, platform,
        AT_NULL,     0,
    };
    uint32_t words = 1 + strings->arguments + 1 + strings->variables + 1;
    uint32_t stack = (random - sizeof(aux) - words * 4) & ~15u;

    if (stack < area.start)
        area.start = PAGE_DOWN(stack);
    *error = -ENOMEM;
    uint32_t *table = heap_allocate(words * 4);
    if (!table)
        return 0;
    /* The first string is the file's name; arguments and variables follow. */
    uint32_t *at = table, offset = strlen(strings->bytes) + 1;
    *at++ = strings->arguments;
    space->arguments_start = space->arguments_end = text + offset;
    for (uint32_t i = 0; i < strings->arguments + strings->variables; i++) {
        if (i == strings->arguments)
            *at++ = 0;
        *at++ = text + offset;
        offset += strlen(strings->bytes + offset) + 1;
        if (i < strings->arguments)
            space->arguments_end = text + offset;
    }
    uint32_t seed[4] = {random_u32(), random_u32(), random_u32(), random_u32()};
    if (!(*error = space_map(space, &area)) &&
        !(*error = space_write(space, text, strings->bytes, strings->used)) &&
        !(*error = space_write(space, platform, "i686", 5)) &&
        !(*error = space_write(space, random, seed, sizeof(seed))) &&
        !(*error = space_write(space, stack + words * 4, aux, sizeof(aux))))
        *error = space_write(space, stack, table, words * 4);
    heap_free(table);
    return *error ? 0 : stack;
}

/* ---- all together ---------------------------------------------------------------------------- */

/* What exec must not leave shared with others, as the new program's own. 0 or -ENOMEM. */
static int unshare(void)
{
    struct thread *me = current_thread();
    struct process *process = me->process;
    struct signal_actions *actions = process->actions;
    struct file_table *files = me->files;

    if (actions->users > 1) {
        if (!(actions = signal_actions_create(actions)))
            return -ENOMEM;
    }
    if (files->users > 1 && !(files = files_clone(files))) {
        if (actions != process->actions)
            signal_actions_release(actions);
        return -ENOMEM;
    }
    if (files != me->files) {
        files_release(me->files);
        me->files = files;
    }
    if (actions != process->actions) {
        signal_actions_release(process->actions);
        process->actions = actions;
    }
    return 0;
}

/*
 * The current process as it will be in a program, which may run with its owner's rights. Others may
 * look into it unless it then has more rights than who started it, or just gave some up.
 */
static struct identity identity_in(const struct inode *program)
{
    const struct identity *old = &current_process()->identity;
    struct identity changed = *old;
    const struct trace *trace = current_thread()->trace;
    /* Who steers a program must not get its owner's rights by it. */
    bool lent = !changed.no_new_rights && (!trace || !trace->tracer->identity.user[1]);

    if (lent && program->mode & 04000)
        changed.user[1] = changed.file_user = program->uid;
    if (lent && (program->mode & 02010) == 02010)
        changed.group[1] = changed.file_group = program->gid;
    if (!changed.no_new_rights) {
        changed.user[2] = changed.user[1];
        changed.group[2] = changed.group[1];
    }
    changed.hidden = changed.user[1] != changed.user[0] || changed.group[1] != changed.group[0] ||
                     changed.user[1] != old->user[1] || changed.group[1] != old->group[1];
    return changed;
}

/* The point of no return is behind us: nothing here can fail. */
static void become(struct trap_frame *frame, struct space *space, struct inode *program, char *path,
                   const char *called, const struct identity *who, uint32_t entry, uint32_t stack)
{
    struct thread *me = current_thread();
    struct process *process = me->process;
    struct space *old = process->space;

    pagetable_activate(&space->table);
    process->space = space;
    pagetable_use(&space->table);
    if (old)
        space_release(old);
    vfork_over(process);
    if (process->program)
        inode_release(process->program);
    inode_hold(program);
    process->program = program;
    heap_free(process->program_path);
    process->program_path = path;
    const char *name = called;
    for (const char *c = called; *c; c++)
        if (*c == '/' && c[1])
            name = c + 1;
    copy_string(me->name, name, sizeof(me->name));
    process->identity = *who;
    files_close_on_exec(me->files);
    posix_timers_drop(process);
    RUN_HOOKS(process_executes, process);
    signal_reset(process->actions);
    me->signals.stack = (struct signal_stack){0};
    fpu_reset(&me->machine);
    arch_drop_tls(&me->machine);
    me->clear_child_tid = me->robust_list = 0;
    arch_start_frame(frame, entry, stack);
    count(COUNT_execs);
}

/* `called`: as the caller named it, a script perhaps, which `path` interprets. */
static int exec_strings(struct trap_frame *frame, const char *path, const char *called,
                        struct strings *strings)
{
    const struct thread *me = current_thread();
    struct image program = {0}, linker = {0};
    struct inode *file =
        is_self_exe(path) ? me->process->program : path_lookup(me->fs->cwd, path, 0);

    if (IS_ERR(file))
        return PTR_ERR(file);
    if (is_self_exe(path)) {
        inode_hold(file);
        called = path = me->process->program_path;
    }
    struct identity who = identity_in(file);
    int error = -ENOMEM;
    uint32_t stack = 0;
    char *kept = path_absolute(me->fs->cwd, path);
    struct space *space = kept ? space_create() : NULL;
    if (space) {
        error = map_image(space, file, SHARED_BASE, &program);
        if (!error && program.interpreter[0])
            error = map_interpreter(space, program.interpreter, &linker);
        space->break_start = space->break_end = program.end;
        if (!error)
            stack = build_stack(space, strings, &program, linker.bias, &who, &error);
    }
    who.hidden = who.hidden || program.secret || linker.secret;
    if (!error)
        error = process_make_single();
    if (!error)
        error = unshare();
    if (error) {
        if (space)
            space_release(space);
        heap_free(kept);
    } else {
        become(frame, space, file, kept, called, &who,
               program.interpreter[0] ? linker.entry : program.entry, stack);
    }
    inode_release(file);
    return error;
}

/* ---- scripts --------------------------------------------------------------------------------- */

#define SCRIPT_LINE 256

/* "#! interpreter [one argument]": cuts the line into its words. False: not a script. */
static bool script_words(const char *path, char line[SCRIPT_LINE], char **interpreter,
                         char **argument)
{
    const struct thread *me = current_thread();
    struct inode *file = is_self_exe(path) ? NULL : path_lookup(me->fs->cwd, path, 0);

    if (!file || IS_ERR(file))
        return false;
    bool runs = (file->mode & MODE_TYPE) == MODE_REGULAR && !inode_allow(file, MAY_EXECUTE);
    int n = runs ? inode_read(file, 0, line, SCRIPT_LINE - 1) : 0;
    inode_release(file);
    line[n] = '\0';
    char *end = strchr(line, '\n');
    if (n < 3 || line[0] != '#' || line[1] != '!' || !end)
        return false;
    while (end > line && (*end == '\n' || *end == ' ' || *end == '\t'))
        *end-- = '\0';
    char *at = line + 2;
    while (*at == ' ' || *at == '\t')
        at++;
    *interpreter = at;
    while (*at && *at != ' ' && *at != '\t')
        at++;
    *argument = *at ? at + 1 : NULL;
    *at = '\0';
    while (*argument && (**argument == ' ' || **argument == '\t'))
        (*argument)++;
    return **interpreter != '\0';
}

/* The interpreter, its argument and the script take the place of the first argument. */
static int add_script(struct strings *strings, const char *path, char *interpreter, char *argument)
{
    const char *words[] = {interpreter, argument, path};

    for (uint32_t i = 0; i < ARRAY_LENGTH(words); i++) {
        int error = words[i] ? add_string(strings, words[i], false) : 0;

        if (error)
            return error;
        strings->arguments += words[i] != NULL;
    }
    return 0;
}

int process_exec(struct trap_frame *frame, const char *path, char *const *argv, char *const *envp,
                 bool user_pointers)
{
    uint32_t pages = pages_allocate(STRINGS_ORDER); /* not of the heap, which would clear them */
    struct strings strings = {.bytes = page_address(pages)};
    char line[SCRIPT_LINE], *interpreter, *argument;
    const char *called = path;

    if (pages == PFN_NONE)
        return -ENOMEM;
    bool script = script_words(path, line, &interpreter, &argument);
    int error = add_string(&strings, path, false);
    if (!error && script) {
        error = add_script(&strings, path, interpreter, argument);
        argv = argv ? argv + 1 : argv;
        path = interpreter;
    }
    if (!error)
        error = add_list(&strings, argv, user_pointers, &strings.arguments);
    if (!error && !strings.arguments) { /* no program has to be ready for no name at all */
        error = add_string(&strings, "", false);
        strings.arguments = 1;
    }
    if (!error)
        error = add_list(&strings, envp, user_pointers, &strings.variables);
    if (!error)
        error = exec_strings(frame, path, called, &strings);
    page_release(pages);
    return error;
}
