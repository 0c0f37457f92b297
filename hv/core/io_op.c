/* SPDX-License-Identifier: GPL-2.0-only */
/* io_op.c - Domain 0's hypercall for devices (include/xenolith/io.h) */
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/io/vbd.h"
#include "hv/io/vif.h"
#include "hv/include/arch/uaccess.h"

static status disk_size(struct xenolith_io_op *op)
{
    op->sectors = disk_sectors(op->disk);
    return op->sectors ? 0 : -ENODEV;
}

static status operate(struct xenolith_io_op *op)
{
    switch (op->command) {
    case XENOLITH_IO_DISK:
        return disk_size(op);
    case XENOLITH_IO_CONNECT:
        return vbd_connect(current_domain(), op);
    case XENOLITH_IO_DISCONNECT:
        return vbd_disconnect(op);
    case XENOLITH_IO_STATISTICS:
        return vbd_statistics(op);
    case XENOLITH_IO_NIC:
        return vif_card(op);
    case XENOLITH_IO_VIF_CONNECT:
        return vif_connect(current_domain(), op);
    case XENOLITH_IO_VIF_DISCONNECT:
        return vif_disconnect(op);
    case XENOLITH_IO_VIF_STATISTICS:
        return vif_statistics(op);
    default:
        return not_implemented();
    }
}

long do_io_op(const unsigned long *args)
{
    void *guest = (void *)args[0];
    struct xenolith_io_op op;
    status result;

    if (!current_domain()->privileged)
        return -EPERM;
    if (copy_from_guest(&op, guest, sizeof(op)))
        return -EFAULT;
    result = operate(&op);
    if (result == 0 && copy_to_guest(guest, &op, sizeof(op)))
        return -EFAULT;
    return result;
}
