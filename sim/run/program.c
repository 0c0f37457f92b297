/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/run/program.h"

#include "sim/load/elf.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER "program"
#define WORDS  "etc/copy"

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

static bool add(struct program *program, const char *name, uint32_t mode, struct file content,
                char *why)
{
    char *kept = strdup(name);

    if (!kept || program->members == PROGRAM_MEMBERS_MAX)
        return fail(why, name, "is one file more than a root image takes here");
    program->member[program->members++] = (struct cpio_member){kept, mode, content};
    return true;
}

static int no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static bool add_folder(struct program *program, const char *folder, const char *within, char *why);

static bool add_found(struct program *program, const char *path, const char *name, char *why)
{
    struct file content = {.path = path};
    struct stat status;
    char *kept;

    if (lstat(path, &status) < 0)
        return fail(why, path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return add(program, name, S_IFDIR | 0755, content, why) &&
               add_folder(program, path, name, why);
    if (!S_ISREG(status.st_mode))
        return fail(why, path, "is neither a file nor a folder");
    kept = strdup(path);
    if (!kept)
        return fail(why, path, "does not fit into memory");
    if (status.st_size && !file_open(&content, kept, why, SETUP_WHY_BYTES))
        return false;
    return add(program, name, S_IFREG | (status.st_mode & 0111 ? 0755 : 0644), content, why);
}

/* In the order of names, so that the same folder gives the same image. */
static bool add_folder(struct program *program, const char *folder, const char *within, char *why)
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
        good = good && add_found(program, path, name, why);
        free(entry[i]);
    }
    free(entry);
    return good;
}

/* ---- all of it ------------------------------------------------------------------------------- */

bool program_read(struct program *program, const struct options *options, char *why)
{
    const char *path = option_value(options, OPT_PROGRAM), *slash = strrchr(path, '/');
    const char *files = option_value(options, OPT_FILES);
    const char *name = slash ? slash + 1 : path;

    *program = (struct program){.member = calloc(PROGRAM_MEMBERS_MAX, sizeof(struct cpio_member))};
    if (!program->member)
        return fail(why, path, "does not fit into memory");
    if (!file_open(&program->file, path, why, SETUP_WHY_BYTES) || !is_static(&program->file, why))
        return false;
    if (strlen(name) >= sizeof(program->name))
        return fail(why, path, "has too long a name");
    snprintf(program->name, sizeof(program->name), "%s", name);
    snprintf(program->path, sizeof(program->path), FOLDER "/%s", name);
    program->words_bytes =
        (size_t)snprintf(program->words, sizeof(program->words), "/%s", program->path) + 1;
    if (!program_split(option_value(options, OPT_ARGS), program->words, sizeof(program->words),
                       &program->words_bytes)) {
        snprintf(why, SETUP_WHY_BYTES, "--args: a quotation has no end, or more than %d bytes",
                 PROGRAM_WORDS_BYTES);
        return false;
    }
    return !*files || add_folder(program, files, "", why);
}

/* Whether the root image has, or will have, something of that name. */
static bool there(const struct program *program, const struct file *base, const char *name)
{
    struct file found;

    for (unsigned i = 0; i < program->members; i++)
        if (!strcmp(program->member[i].name, name))
            return true;
    return cpio_find(base, name, &found);
}

bool program_add(struct program *program, const struct file *base, struct file *root, char *why)
{
    struct file words = {"words", (const uint8_t *)program->words, program->words_bytes};
    const struct file nothing = {.path = FOLDER};
    unsigned kept = 0;

    /* A folder may be in both; the image has one. */
    for (unsigned i = 0; i < program->members; i++) {
        const struct cpio_member *member = &program->member[i];
        struct file found;

        if (!S_ISDIR(member->mode) || !cpio_find(base, member->name, &found))
            program->member[kept++] = *member;
    }
    program->members = kept;
    return (there(program, base, "etc") || add(program, "etc", S_IFDIR | 0755, nothing, why)) &&
           add(program, WORDS, S_IFREG | 0644, words, why) &&
           (there(program, base, FOLDER) || add(program, FOLDER, S_IFDIR | 0755, nothing, why)) &&
           add(program, program->path, S_IFREG | 0755, program->file, why) &&
           cpio_extend(base, program->member, program->members, root, why, SETUP_WHY_BYTES);
}
