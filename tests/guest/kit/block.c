/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/guest/kit/block.h"

long io_op(struct xenolith_io_op *op)
{
    return hypercall(XENOLITH_IO_HYPERCALL, (unsigned long)op, 0, 0, 0, 0);
}

static void open_port(struct block_end *end)
{
    struct evtchn_alloc_unbound channel = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};

    if (event_op(EVTCHNOP_alloc_unbound, &channel))
        give_up("no port");
    end->port = channel.port;
}

void block_make(struct block_end *end, unsigned handle, grant_ref_t ref)
{
    if (!end->ring) {
        end->ring = page_alloc();
        open_port(end);
    }
    memset(end->ring, 0, PAGE_SIZE);
    end->ring->req_event = end->ring->rsp_event = 1;
    end->requests = end->answers = 0;
    end->handle = handle;
    end->ref = ref;
    grant_give(ref, 0, end->ring, GTF_permit_access);
}

struct xenolith_io_op block_connection(const struct block_end *end, uint64_t first,
                                       uint64_t sectors)
{
    struct xenolith_io_op op = {
        .command = XENOLITH_IO_CONNECT,
        .handle = end->handle,
        .connect = {.ring = end->ref, .port = end->port, .extents = 1},
    };

    op.connect.extent[0] = (struct xenolith_io_extent){.first = first, .sectors = sectors};
    return op;
}

long block_connect(struct block_end *end, uint64_t first, uint64_t sectors, unsigned flags)
{
    struct xenolith_io_op op = block_connection(end, first, sectors);

    op.connect.flags = flags;
    return io_op(&op);
}

long block_disconnect(struct block_end *end)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_DISCONNECT, .handle = end->handle};
    uint64_t until = now() + 1000 * MS;
    long result = io_op(&op);
    bool busy = result == -EBUSY;

    while (result == -EBUSY && now() < until) {
        HYPERCALL(sched_op, SCHEDOP_yield, 0);
        result = io_op(&op);
    }
    return busy && result == -ESRCH ? 0 : result;
}

struct xenolith_io_statistics block_statistics(const struct block_end *end)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_STATISTICS, .handle = end->handle};

    expect(io_op(&op), 0);
    return op.statistics;
}

void block_put(struct block_end *end, const struct blkif_request *request)
{
    end->ring->ring[end->requests++ % RING_SLOTS].req = *request;
    asm volatile("" ::: "memory");
    end->ring->req_prod = end->requests;
    event_send(end->port);
}

int block_answer(struct block_end *end, struct blkif_response *response)
{
    uint64_t until = now() + 1000 * MS;
    volatile struct blkif_sring *ring = end->ring;

    while (ring->rsp_prod == end->answers) {
        struct sched_poll poll = {.nr_ports = 1, .timeout = now() + 50 * MS};

        if (now() > until)
            return NO_ANSWER;
        event_clear(end->port);
        end->ring->rsp_event = end->answers + 1;
        if (ring->rsp_prod != end->answers)
            break;
        set_xen_guest_handle(poll.ports, &end->port);
        HYPERCALL(sched_op, SCHEDOP_poll, &poll);
    }
    *response = end->ring->ring[end->answers++ % RING_SLOTS].rsp;
    return response->status;
}

int block_ask(struct block_end *end, struct blkif_request request, uint64_t id)
{
    struct blkif_response response;
    int result;

    request.id = id;
    block_put(end, &request);
    result = block_answer(end, &response);
    if (result == NO_ANSWER)
        return result;
    check(response.id == id, "the answer is to %llu, not to %llu", response.id, id);
    expect(response.operation, request.operation);
    return result;
}
