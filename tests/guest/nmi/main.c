/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VCPUOP_send_nmi: the handler that callback_op names is entered whether events are masked or not,
 * with events masked; another one that is sent meanwhile comes after the iret hypercall.
 */
#include "tests/guest/kit/kit.h"
#include <xen/nmi.h>

asm("nmi_entry:\n"
    "    incl %ss:nmis\n"
    "    push %eax\n"
    "    push %ecx\n"
    "    push %edx\n"
    "    call nmi_inside\n"
    "    pop %edx\n"
    "    pop %ecx\n"
    "    mov $23, %eax\n" /* iret; the word pushed first is EAX */
    "    int $0x82\n");
extern char nmi_entry[];
volatile uint32_t nmis, nmis_inside;
static uint8_t mask_inside;
void nmi_inside(void);

static long send(void)
{
    return HYPERCALL(vcpu_op, VCPUOP_send_nmi, 0, NULL);
}

void nmi_inside(void)
{
    mask_inside = vcpu()->evtchn_upcall_mask;
    if (nmis == 2) { /* two are one, as they have not been taken; and not now */
        send();
        send();
        nmis_inside = nmis;
    }
}

void test(void)
{
    struct callback_register set = {.type = CALLBACKTYPE_nmi,
                                    .address = {FLAT_RING1_CS, (unsigned long)nmi_entry}};

    expect(HYPERCALL(vcpu_op, VCPUOP_send_nmi, 0, &set), -EINVAL);
    expect(HYPERCALL(vcpu_op, VCPUOP_send_nmi, 7, NULL), -ENOENT);
    expect(HYPERCALL(callback_op, CALLBACKOP_register, &set), 0);
    events_off();
    expect(send(), 0);
    expect(nmis, 1);
    expect(mask_inside, 1);
    expect(vcpu()->evtchn_upcall_mask, 1);
    events_on();
    expect(send(), 0);
    expect(vcpu()->evtchn_upcall_mask, 0);
    events_off();
    expect(nmis_inside, 2);
    expect(nmis, 3);

    /* The older hypercall names the same handler. */
    struct xennmi_callback old = {.handler_address = (unsigned long)nmi_entry};
    expect(HYPERCALL(nmi_op, XENNMI_unregister_callback, NULL), 0);
    expect(send(), 0);
    expect(nmis, 3);
    expect(HYPERCALL(nmi_op, XENNMI_register_callback, &old), 0);
    expect(send(), 0); /* the one that found no handler is lost */
    expect(nmis, 4);
    expect(HYPERCALL(nmi_op, XENNMI_register_callback, 0xFC000000), -EFAULT);
    expect(HYPERCALL(nmi_op, 2, NULL), -ENOSYS);
}
