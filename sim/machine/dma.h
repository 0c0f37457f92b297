/* SPDX-License-Identifier: GPL-2.0-only */
/* dma.h - devices that read and write memory by themselves */
#ifndef XENOLITH_SIM_DMA_H
#define XENOLITH_SIM_DMA_H

#include "cpu/cpu.h"

/* What devices have moved since reset, and what the caches had to do with it. */
struct dma {
    uint64_t bytes_read, bytes_written, refused;
    struct cpu_device_lines lines;
};

/* struct device_world's memory_read and memory_write; `machine` is a struct machine. */
bool dma_read(void *machine, uint32_t physical, void *to, uint32_t bytes);
bool dma_write(void *machine, uint32_t physical, const void *from, uint32_t bytes);

#endif
