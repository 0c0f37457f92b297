/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * names.h - domains' names: which may be given, and what is made from them
 *
 * The hypervisor keeps the name, in the domain's handle; so it holds without a store, and two have
 * never the same. The UUID by which the store knows a domain is made from its number and the name
 * that it had when it was introduced.
 */
#ifndef XENOLITH_XL_NAMES_H
#define XENOLITH_XL_NAMES_H

#define NAMES_BYTES      16 /* with the NUL: the handle's */
#define NAMES_UUID_BYTES 37

/* NULL if a new domain may have this name; or what is wrong, as the rest of a sentence: letters,
 * digits and . _ + - alone, not a number, at most 15 of them, not Domain 0's. */
const char *names_check(const char *name);

/* A UUID of version 8 (RFC 9562, 5.8) for a domain of this number and name. */
void names_make_uuid(unsigned domain, const char *name, char uuid[NAMES_UUID_BYTES]);

#endif
