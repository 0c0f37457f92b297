/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 against the examples of FIPS 180-4 and at every length of the padding. */
#include "sim/load/sha256.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void expect(const char *bytes, size_t size, const char *digest)
{
    char text[SHA256_TEXT];

    sha256_text(&(struct file){"bytes", (const uint8_t *)bytes, size}, text);
    cr_expect_str_eq(text, digest, "of %zu bytes", size);
}

Test(sim_sha256, published_examples)
{
    static char million[1000000];

    expect("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    memset(million, 'a', sizeof(million));
    expect(million, sizeof(million),
           "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
