/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pci.h - a PCI bus: configuration mechanism 1, base addresses that move, masters, INTx lines
 *
 * After the PCI Local Bus Specification 2.3, chapters 3.2.2.3 and 6. One bus, number 0; a function
 * is a table of what it has and a space of 256 bytes, of which it says which bits the guest may
 * change. A base address claims its range of the machine's bus while the command register lets it;
 * one that would overlap somebody else's answers nowhere. INTx lines go to pins 16 to 19 of the I/O
 * APIC, device and pin added up, level-triggered and active high, as the MP tables say.
 */
#ifndef XENOLITH_SIM_PCI_H
#define XENOLITH_SIM_PCI_H

#include "sim/dev/bus.h"
#include "sim/dev/irq.h"

#define PCI_ADDRESS_PORT  0xcf8u
#define PCI_DATA_PORT     0xcfcu
#define PCI_CONFIG_BYTES  256
#define PCI_FUNCTIONS_MAX 8
#define PCI_BARS          6
#define PCI_LINES         4
#define PCI_FIRST_PIN     16 /* of the I/O APIC */

/* Offsets in configuration space, and bits of the command and status registers. */
enum { PCI_COMMAND = 0x04, PCI_STATUS = 0x06, PCI_BAR = 0x10, PCI_LINE = 0x3c, PCI_PIN = 0x3d };
enum {
    PCI_COMMAND_IO = 1,
    PCI_COMMAND_MEMORY = 2,
    PCI_COMMAND_MASTER = 4,
    PCI_COMMAND_QUIET = 0x400
};
enum { PCI_STATUS_INTERRUPT = 8, PCI_STATUS_MASTER_ABORT = 0x2000 };

struct pci;

struct pci_bar {
    enum bus_space space;
    uint32_t bytes; /* a power of two, at least 4 for ports and 16 for memory; 0: there is none */
    unsigned widths;
    device_read *read;
    device_write *write;
    bool claimed;
    uint32_t at; /* where, if claimed */
};

struct pci_function {
    const char *name;
    uint8_t device, function; /* 0-31, 0-7 */
    uint8_t pin;              /* 1 to 4: INTA# to INTD#; 0: it interrupts otherwise or never */
    bool many;                /* function 0 of a device that has others */
    uint16_t vendor, id;
    uint32_t class_revision; /* as the dword at offset 8 */
    uint16_t command_bits;   /* that can be changed */
    struct pci_bar bar[PCI_BARS];
    void (*configured)(void *owner); /* the guest wrote its space; may be NULL */
    void *owner;                     /* of configured() and the BARs' functions */

    struct pci *pci;
    uint8_t config[PCI_CONFIG_BYTES], writable[PCI_CONFIG_BYTES];
};

struct pci {
    struct device_world world;
    struct bus *bus;
    struct irq_shared line[PCI_LINES]; /* the lines' owner is set by who opens the bus */
    uint32_t address;                  /* port 0xcf8 */
    struct pci_function *function[PCI_FUNCTIONS_MAX];
    unsigned count;
};

/* Adds a function, whose table is filled in: its space is as after reset. It must last. */
void pci_add(struct pci *pci, struct pci_function *function);

/* A 16- or 32-bit register of its own space, by offset; set also changes what the guest cannot. */
uint16_t pci_get16(const struct pci_function *function, unsigned offset);
uint32_t pci_get32(const struct pci_function *function, unsigned offset);
void pci_set16(struct pci_function *function, unsigned offset, uint16_t value);
void pci_set32(struct pci_function *function, unsigned offset, uint32_t value);

/* What the command register and the base addresses say now takes effect. */
void pci_apply(struct pci_function *function);

/* A saved state is loaded: gives back what the function has claimed; then claims what its BARs say
 * that they had. False: somebody else has a range, or it is none. */
void pci_release(struct pci_function *function);
bool pci_claim_again(struct pci_function *function);

/* Pulls the function's INTx line, or lets go; nothing for one without a pin. */
void pci_interrupt(struct pci_function *function, bool level);

/* The pin of the I/O APIC that INTA# (1) to INTD# (4) of a device is wired to. */
unsigned pci_ioapic_pin(unsigned device, unsigned pin);

/* As device_world's, by this master. False, and nothing is moved: it is not enabled, or the range
 * is not RAM from end to end, which its status says. */
bool pci_master_read(struct pci_function *function, uint32_t physical, void *to, uint32_t bytes);
bool pci_master_write(struct pci_function *function, uint32_t physical, const void *from,
                      uint32_t bytes);

/* Port 0xcf8, dwords alone, and ports 0xcfc to 0xcff. */
uint32_t pci_address_read(void *pci, const struct access *access);
void pci_address_write(void *pci, const struct access *access, uint32_t value);
uint32_t pci_data_read(void *pci, const struct access *access);
void pci_data_write(void *pci, const struct access *access, uint32_t value);

#endif
