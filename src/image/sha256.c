/* SHA-256 as FIPS 180-4, sections 4.1.2, 5.1.1 and 6.2 write it, a block of 64 bytes at a time.
 *
 * Plain C: the sum is not what unpacking waits for, decompression is.
 */
#include "image/sha256.h"

static const u32 k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static u32 ror(u32 v, u32 by)
{
	return v >> by | v << (32 - by);
}

static u32 load_be(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static void add_block(u32 state[8], const u8 *block)
{
	u32 w[64], s[8];

	for (u32 i = 0; i < 16; i++)
		w[i] = load_be(block + 4 * i);
	for (u32 i = 16; i < 64; i++) {
		u32 a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] + (ror(a, 7) ^ ror(a, 18) ^ a >> 3) +
		       (ror(b, 17) ^ ror(b, 19) ^ b >> 10);
	}
	memcpy(s, state, sizeof s);
	for (u32 i = 0; i < 64; i++) {
		u32 a = s[0], e = s[4];
		u32 t1 = s[7] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) +
			 ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];
		u32 t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) +
			 ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, 7 * sizeof *s);
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (u32 i = 0; i < 8; i++)
		state[i] += s[i];
}

void sha256_init(struct sha256 *h)
{
	static const u32 start[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memcpy(h->state, start, sizeof start);
	h->bytes = 0;
}

void sha256_add(struct sha256 *h, const void *data, size_t len)
{
	const u8 *p = data;
	size_t have = h->bytes % 64;

	h->bytes += len;
	if (have) {
		size_t n = min_u64(len, 64 - have);

		memcpy(h->block + have, p, n);
		p += n;
		len -= n;
		if (have + n < 64)
			return;
		add_block(h->state, h->block);
	}
	for (; len >= 64; p += 64, len -= 64)
		add_block(h->state, p);
	if (len)
		memcpy(h->block, p, len);
}

void sha256_hex(struct sha256 *h, char ret_hex[SHA256_HEX])
{
	static const u8 pad[64] = { 0x80 };
	static const char digits[] = "0123456789abcdef";
	u64 bits = h->bytes * 8;
	u8 length[8];

	for (u32 i = 0; i < 8; i++)
		length[i] = (u8)(bits >> (56 - 8 * i));
	sha256_add(h, pad, 1 + (119 - h->bytes % 64) % 64);
	sha256_add(h, length, sizeof length);
	for (u32 i = 0; i < 64; i++)
		ret_hex[i] = digits[h->state[i / 8] >> (28 - i % 8 * 4) & 15];
	ret_hex[64] = 0;
}
