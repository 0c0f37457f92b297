/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/internet.h"

uint16_t internet_sum(uint16_t before, const uint8_t *bytes, uint32_t count)
{
    uint32_t sum = before;

    for (uint32_t i = 0; i + 1 < count; i += 2)
        sum += internet_get16(bytes + i);
    if (count & 1)
        sum += (uint32_t)bytes[count - 1] << 8;
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

uint16_t internet_pseudo_sum(const uint8_t *ip, const uint8_t *payload, uint32_t bytes)
{
    uint8_t protocol_length[4] = {0, ip[9], (uint8_t)(bytes >> 8), (uint8_t)bytes};
    uint16_t sum = internet_sum(0, ip + 12, 8);

    return internet_sum(internet_sum(sum, protocol_length, 4), payload, bytes);
}
