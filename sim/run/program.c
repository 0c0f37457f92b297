/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/run/program.h"

#include "sim/load/elf.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER      "program"
#define LIST        "etc/copy"
#define MEMBERS_MAX 4096

static bool fail(char *why, const char *path, const char *what)
{
    snprintf(why, SETUP_WHY_BYTES, "%.900s %s", path, what);
    return false;
}

/* ---- the executable -------------------------------------------------------------------------- */

static bool is_static(const struct file *file, char *why)
{
    struct elf elf;

    if (!elf_open(&elf, file, why, SETUP_WHY_BYTES))
        return false;
    for (unsigned i = 0; i < elf.header.e_phnum; i++) {
        Elf32_Phdr segment;

        if (!elf_segment(&elf, i, &segment, why, SETUP_WHY_BYTES))
            return false;
        if (segment.p_type == PT_INTERP)
            return fail(why, file->path, "is dynamically linked: link it with -static");
    }
    return true;
}

bool program_split(const char *line, char *words, size_t bytes, size_t *used)
{
    char quote = 0;
    bool inside = false; /* a word, perhaps an empty one */

    for (; *line || inside; line++) {
        bool space = !*line || strchr(" \t\n", *line);

        if (*used == bytes || (quote && !*line))
            return false;
        if (quote ? *line == quote : *line && strchr("'\"", *line)) {
            quote = quote ? 0 : *line;
            inside = true;
        } else if (quote || !space) {
            words[(*used)++] = *line;
            inside = true;
        } else if (inside) {
            words[(*used)++] = '\0';
            inside = false;
        }
        if (!*line)
            return true;
    }
    return true;
}

/* ---- the folder of files --------------------------------------------------------------------- */

static bool add(struct root_files *files, const char *name, uint32_t mode, struct file content,
                char *why)
{
    char *kept = strdup(name);

    if (!kept || files->members == MEMBERS_MAX)
        return fail(why, name, "is one file more than a root image takes here");
    files->member[files->members++] = (struct cpio_member){kept, mode, content};
    return true;
}

static int no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static bool add_folder(struct root_files *files, const char *folder, const char *within, char *why);

static bool add_found(struct root_files *files, const char *path, const char *name, char *why)
{
    struct file content = {.path = path};
    struct stat status;
    char *kept;

    if (lstat(path, &status) < 0)
        return fail(why, path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return add(files, name, S_IFDIR | 0755, content, why) && add_folder(files, path, name, why);
    if (!S_ISREG(status.st_mode))
        return fail(why, path, "is neither a file nor a folder");
    kept = strdup(path);
    if (!kept)
        return fail(why, path, "does not fit into memory");
    if (status.st_size && !file_open(&content, kept, why, SETUP_WHY_BYTES))
        return false;
    return add(files, name, S_IFREG | (status.st_mode & 0111 ? 0755 : 0644), content, why);
}

/* In the order of names, so that the same folder gives the same image. */
static bool add_folder(struct root_files *files, const char *folder, const char *within, char *why)
{
    struct dirent **entry;
    int count = scandir(folder, &entry, no_dots, alphasort);
    bool good = true;

    if (count < 0) {
        snprintf(why, SETUP_WHY_BYTES, "cannot read the folder %.900s: %s", folder,
                 strerror(errno));
        return false;
    }
    for (int i = 0; i < count; i++) {
        char path[4096], name[256];
        const char *base = entry[i]->d_name;

        if (good && (snprintf(path, sizeof(path), "%s/%s", folder, base) >= (int)sizeof(path) ||
                     snprintf(name, sizeof(name), "%s%s%s", within, *within ? "/" : "", base) >=
                         (int)sizeof(name)))
            good = fail(why, base, "has too long a name, with its folders");
        good = good && add_found(files, path, name, why);
        free(entry[i]);
    }
    free(entry);
    return good;
}

/* ---- a program and its words ----------------------------------------------------------------- */

bool program_read(struct program *program, const char *kind, const char *path, const char *args,
                  char *why)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    if (!file_open(&program->file, path, why, SETUP_WHY_BYTES) || !is_static(&program->file, why))
        return false;
    if (strlen(name) >= sizeof(program->name))
        return fail(why, path, "has too long a name");
    snprintf(program->name, sizeof(program->name), "%s", name);
    snprintf(program->path, sizeof(program->path), FOLDER "/%s%s%s", kind, *kind ? "/" : "", name);
    program->words_bytes =
        (size_t)snprintf(program->words, sizeof(program->words), "/%s", program->path) + 1;
    if (program_split(args, program->words, sizeof(program->words), &program->words_bytes))
        return true;
    snprintf(why, SETUP_WHY_BYTES, "%s%s%s: a quotation has no end, or more than %d bytes",
             *kind ? "domain." : "--args", kind, *kind ? ".args" : "", PROGRAM_WORDS_BYTES);
    return false;
}

/* ---- a root image with them ------------------------------------------------------------------ */

bool root_files_begin(struct root_files *files, const char *folder, char *why)
{
    *files = (struct root_files){.member = calloc(MEMBERS_MAX, sizeof(struct cpio_member))};
    if (!files->member)
        return fail(why, *folder ? folder : "a root image", "does not fit into memory");
    return !*folder || add_folder(files, folder, "", why);
}

static bool is_added(const struct root_files *files, const char *name)
{
    for (unsigned i = 0; i < files->members; i++)
        if (!strcmp(files->member[i].name, name))
            return true;
    return false;
}

/* The folders that a path lies in, each unless it is there. */
static bool add_folders(struct root_files *files, const char *path, char *why)
{
    const struct file nothing = {.path = FOLDER};

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        char folder[256];

        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
        if (!is_added(files, folder) && !add(files, folder, S_IFDIR | 0755, nothing, why))
            return false;
    }
    return true;
}

/* How many words there are; each ends with a NUL. */
static unsigned count_words(const struct program *program)
{
    unsigned count = 0;

    for (size_t i = 0; i < program->words_bytes; i++)
        count += !program->words[i];
    return count;
}

bool root_files_program(struct root_files *files, const struct program *program, uint64_t first,
                        char *why)
{
    char *to = files->list + files->list_bytes;
    size_t room = sizeof(files->list) - files->list_bytes;
    int head = snprintf(to, room, "%" PRIu64 "%c%u", first, 0, count_words(program)) + 1;

    if ((size_t)head + program->words_bytes > room)
        return fail(why, program->path, "and the other programs have too many arguments");
    memcpy(to + head, program->words, program->words_bytes);
    files->list_bytes += (size_t)head + program->words_bytes;
    return add_folders(files, program->path, why) &&
           add(files, program->path, S_IFREG | 0755, program->file, why);
}

bool root_files_end(struct root_files *files, const struct file *base, struct file *root, char *why)
{
    struct file list = {"words", (const uint8_t *)files->list, files->list_bytes};
    unsigned kept = 0;

    if (!add_folders(files, LIST, why) || !add(files, LIST, S_IFREG | 0644, list, why))
        return false;
    /* A folder may be in both; the image has one. */
    for (unsigned i = 0; i < files->members; i++) {
        const struct cpio_member *member = &files->member[i];
        struct file found;

        if (!S_ISDIR(member->mode) || !cpio_find(base, member->name, &found))
            files->member[kept++] = *member;
    }
    files->members = kept;
    return cpio_extend(base, files->member, files->members, root, why, SETUP_WHY_BYTES);
}
