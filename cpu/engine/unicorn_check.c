/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_check.c - is this the build of libunicorn whose structures unicorn_layout.h describes?
 *
 * A static archive has no build id that a program could ask for, so the structures themselves are
 * examined: each register is written through the public interface and looked for at its offset,
 * pointers must point where they should, and a small block is translated and run to look at the
 * translator's record of it.
 */
#include <capstone/capstone.h>
#include <stdio.h>
#include <string.h>

#include "cpu/engine/unicorn_private.h"

const char *cpu_libraries(void)
{
    static char text[64];
    unsigned unicorn = uc_version(NULL, NULL);
    int major, minor;

    cs_version(&major, &minor);
    snprintf(text, sizeof(text), "libunicorn %u.%u.%u, Capstone %d.%d", unicorn >> 24,
             unicorn >> 16 & 0xff, unicorn >> 8 & 0xff, major, minor);
    return text;
}

static bool refuse(char *why, size_t why_bytes, const char *what)
{
    snprintf(why, why_bytes,
             "this libunicorn is not Debian's build of %u.%u.%u for amd64: its %s is elsewhere",
             UC_API_MAJOR, UC_API_MINOR, UC_API_PATCH, what);
    return false;
}

static const struct {
    const char *name;
    int reg;
    unsigned offset, bytes;
} registers[] = {
    {"EAX", UC_X86_REG_EAX, ENV_GPR + 0, 4},
    {"ECX", UC_X86_REG_ECX, ENV_GPR + 8, 4},
    {"EDX", UC_X86_REG_EDX, ENV_GPR + 16, 4},
    {"EBX", UC_X86_REG_EBX, ENV_GPR + 24, 4},
    {"ESP", UC_X86_REG_ESP, ENV_GPR + 32, 4},
    {"EBP", UC_X86_REG_EBP, ENV_GPR + 40, 4},
    {"ESI", UC_X86_REG_ESI, ENV_GPR + 48, 4},
    {"EDI", UC_X86_REG_EDI, ENV_GPR + 56, 4},
    {"EIP", UC_X86_REG_EIP, ENV_EIP, 4},
    {"CR2", UC_X86_REG_CR2, ENV_CR + 16, 4},
    {"CR3", UC_X86_REG_CR3, ENV_CR + 24, 4},
    {"CR4", UC_X86_REG_CR4, ENV_CR + 32, 4},
    {"FPU control word", UC_X86_REG_FPCW, ENV_FPU_CONTROL, 2},
    {"MXCSR", UC_X86_REG_MXCSR, ENV_MXCSR, 4},
};

static bool check_registers(struct cpu_engine *engine, char *why, size_t why_bytes)
{
    const uint8_t *env = engine->cpu[0].env;

    for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        uint64_t before = 0, value = UINT64_C(0x51a9c3e0) + i * 0x101, found = 0;

        if (registers[i].reg == UC_X86_REG_MXCSR)
            value = 0x1f80;
        uc_reg_read(engine->uc, registers[i].reg, &before);
        uc_reg_write(engine->uc, registers[i].reg, &value);
        memcpy(&found, env + registers[i].offset, registers[i].bytes);
        uc_reg_write(engine->uc, registers[i].reg, &before);
        if (memcmp(&found, &value, registers[i].bytes) != 0)
            return refuse(why, why_bytes, registers[i].name);
    }
    return true;
}

/* The top of the x87 stack, the first register, an XMM register. */
static bool check_float(struct cpu_engine *engine, char *why, size_t why_bytes)
{
    const uint8_t *env = engine->cpu[0].env;
    uint64_t value[2] = {UINT64_C(0x8765432112345678), 0x4001}, zero[2] = {0, 0};
    const uint16_t status = 5 << 11 | 0x4700, clear = 0;

    uc_reg_write(engine->uc, UC_X86_REG_XMM1, value);
    uc_reg_write(engine->uc, UC_X86_REG_FP3, value);
    uc_reg_write(engine->uc, UC_X86_REG_FPSW, &status);
    bool same = memcmp(env + ENV_XMM + ENV_XMM_BYTES, value, sizeof(value)) == 0 &&
                memcmp(env + ENV_FPU_REGISTERS + 3 * 16, value, 10) == 0 &&
                FIELD(uint32_t, engine->cpu[0].env, ENV_FPU_TOP) == 5 &&
                FIELD(uint16_t, engine->cpu[0].env, ENV_FPU_STATUS) == (status & 0x4700);

    uc_reg_write(engine->uc, UC_X86_REG_XMM1, zero);
    uc_reg_write(engine->uc, UC_X86_REG_FP3, zero);
    uc_reg_write(engine->uc, UC_X86_REG_FPSW, &clear);
    return same ? true : refuse(why, why_bytes, "floating-point state");
}

static bool check_tables(struct cpu_engine *engine, char *why, size_t why_bytes)
{
    static const struct {
        const char *name;
        int reg;
        unsigned offset;
    } tables[] = {{"GDTR", UC_X86_REG_GDTR, ENV_GDT},
                  {"IDTR", UC_X86_REG_IDTR, ENV_IDT},
                  {"LDTR", UC_X86_REG_LDTR, ENV_LDT},
                  {"TR", UC_X86_REG_TR, ENV_TR}};
    const uint8_t *env = engine->cpu[0].env;

    for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        const uc_x86_mmr value = {0x28, 0x7654000 + i, 0x3f7, 0}, zero = {0, 0, 0, 0};
        const struct lib_segment *at = (const void *)(env + tables[i].offset);

        uc_reg_write(engine->uc, tables[i].reg, &value);
        if (at->base != value.base || at->limit != value.limit)
            return refuse(why, why_bytes, tables[i].name);
        uc_reg_write(engine->uc, tables[i].reg, &zero);
    }
    return true;
}

bool lib_check_layout(struct cpu_engine *engine, char *why, size_t why_bytes)
{
    uint8_t *object = engine->cpu[0].object;
    void *tcg;

    if (FIELD(void *, object, OBJECT_ENV_POINTER) != object + OBJECT_ENV)
        return refuse(why, why_bytes, "processor state");
    if (FIELD(void *, object, OBJECT_UC) != engine->uc)
        return refuse(why, why_bytes, "engine");
    if (FIELD(void *, object, OBJECT_COUNTER_POINTER) != object + OBJECT_COUNTER)
        return refuse(why, why_bytes, "block counter");
    if (FIELD(void *, engine->block_hook, HOOK_CALLBACK) != (void *)lib_block_slow ||
        FIELD(void *, engine->block_hook, HOOK_DATA) != engine)
        return refuse(why, why_bytes, "hook");
    tcg = FIELD(void *, engine->uc, UC_TCG_CONTEXT);
    if (FIELD(uint8_t *, tcg, TCG_REGION_END) <= FIELD(uint8_t *, tcg, TCG_REGION_START) ||
        FIELD(uint8_t *, tcg, TCG_BUFFER) < FIELD(uint8_t *, tcg, TCG_REGION_START) ||
        FIELD(uint8_t *, tcg, TCG_POINTER) < FIELD(uint8_t *, tcg, TCG_BUFFER))
        return refuse(why, why_bytes, "code buffer");
    return check_registers(engine, why, why_bytes) && check_float(engine, why, why_bytes) &&
           check_tables(engine, why, why_bytes);
}

/*
 * Runs   mov eax, 0x12345678; mov [ebx], eax; hlt   in the last page of RAM, EBX in the one
 * before, and puts both back.
 */
bool lib_check_blocks(struct cpu_engine *engine, char *why, size_t why_bytes)
{
    static const uint8_t code[] = {0xb8, 0x78, 0x56, 0x34, 0x12, 0x89, 0x03, 0xf4};
    struct cpu *cpu = &engine->cpu[0];
    uint32_t at = engine->config.ram_bytes - 0x1000;
    uint8_t *page = engine->config.ram + at, saved[0x2000];
    const char *wrong = NULL;

    memcpy(saved, page - 0x1000, sizeof(saved));
    memcpy(page, code, sizeof(code));
    lib_reset(cpu);
    lib_set_cr0(cpu, 0x11);
    lib_load_segment(cpu, SEG_CS, 8, 0, 0xffffffff, 0x00cf9b00);
    lib_load_segment(cpu, SEG_DS, 16, 0, 0xffffffff, 0x00cf9300);
    lib_load_segment(cpu, SEG_SS, 16, 0, 0xffffffff, 0x00cf9300);
    lib_gpr(cpu)[EBX] = at - 0x800;
    *lib_eip(cpu) = at;
    cpu->deadline = UINT64_MAX / 2;
    cpu_update_limit(cpu);
    lib_run(cpu);

    const struct block *block = *lib_block(cpu);
    uint32_t stored;

    memcpy(&stored, page - 0x800, sizeof(stored));
    if (!lib_halted(cpu) || stored != 0x12345678)
        wrong = "software TLB";
    else if (!engine->code_frames[at >> 12] || block->pc != at || block->bytes != sizeof(code) ||
             block->frame[0] != at || block->instructions != 3 || *lib_instructions(cpu) != 3)
        wrong = "record of a block";
    memcpy(page - 0x1000, saved, sizeof(saved));
    lib_code_invalidate(engine, at, 0x1000);
    *lib_clock(cpu) = 0;
    *lib_instructions(cpu) = 0;
    memset(&engine->figures, 0, sizeof(engine->figures));
    return wrong ? refuse(why, why_bytes, wrong) : true;
}
