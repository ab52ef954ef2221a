/* SHA-256, for the digests by which an image names its parts (FIPS 180-4).
 *
 * Interface: struct sha256 h; sha256_init(&h); sha256_add(&h, ...) as often as
 * wanted; sha256_hex(&h, text) ends it.  Any thread; no allocation.
 */
#ifndef IMAGE_SHA256_H
#define IMAGE_SHA256_H

#include "base/base.h"

enum { SHA256_HEX = 65 };	/* 64 digits and the NUL */

struct sha256 {
	u32 state[8];
	u64 bytes;		/* added so far */
	u8 block[64];		/* the last bytes % 64 of them */
};

void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *data, size_t len);

/* Ends the sum; h may not be added to any more. */
void sha256_hex(struct sha256 *h, char ret_hex[SHA256_HEX]);

#endif
