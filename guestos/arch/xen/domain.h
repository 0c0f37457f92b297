/* SPDX-License-Identifier: GPL-2.0-only */
/* domain.h - between the files of the Xen port */
#ifndef GUESTOS_DOMAIN_H
#define GUESTOS_DOMAIN_H

#include "guestos/arch.h"
#include "guestos/arch/xen/hypercall.h"
#include "guestos/kernel/lib.h"

#define VECTOR_UPCALL 0xf8 /* ours: how entry.S marks an event upcall */

extern struct shared_info shared_page; /* in entry.S; the real one is mapped over it at boot */
extern struct start_info *start_info;

static inline struct vcpu_info *vcpu(void)
{
    return &shared_page.vcpu_info[0];
}

/* start.c */
void xen_start(struct start_info *info, uint32_t stack) __attribute__((noreturn));

/* memory.c: the linear map over all of the domain's memory, and the frame records. */
void memory_init(uint32_t stack, const char *command_line);
/* What the hypervisor calls an address of the linear map. */
uint64_t machine_address(const void *address);
/* Changes the mapping of one page of the linear map; for boot. */
void map_page(const void *address, uint64_t entry);

/* pagetable.c: queues a change of an entry by its machine address. */
void queue_update(uint64_t entry_address, uint64_t value);
void queue_flush(void);
/* Makes a page of the linear map read-only or writable again; queued. */
void queue_protect(uint32_t pfn, bool read_only);

/* events.c */
#define EVENT_PORTS 1024u /* the two-level interface of 32 bits: 32 * 32 */
void events_init(void);
void events_handle(struct trap_frame *frame);
/* The port of a virtual interrupt, masked as it was. */
evtchn_port_t event_bind_virq(uint32_t virq);
/* From now on an event of the port calls handler(port); NULL: nobody. */
void event_bind(evtchn_port_t port, void (*handler)(evtchn_port_t port));
void event_mask(evtchn_port_t port);
void event_unmask(evtchn_port_t port); /* and delivers what came meanwhile */
void event_send(evtchn_port_t port);   /* to the other end */
void event_clear(evtchn_port_t port);  /* forgets that it is pending */
void event_raise(evtchn_port_t port);  /* as if the other end had sent */

/* console.c: the ring of a domain's console. */
void console_init(void);

/* evtchn.c */
void evtchn_init(void);

/* privcmd.c */
void privcmd_init(void);

#endif
