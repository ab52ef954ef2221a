/* A64 cryptographic extension: AES, SHA-1, SHA-256, SHA-512, SHA-3 (DDI 0487,
 * C4.1.90; the functions of shared/functions/crypto).
 *
 * One C helper an instruction, a round or less of each algorithm; logic alone is IR.
 * Nothing here keeps time independent of data.  PMULL is a_simd_int.c's.
 * Spec: also FIPS 197, 180-4, 202.
 */
#define FEATURE ARM_AES
#include "target/arm64/arm64.h"
#include "base/bits.h"

/* ---- AES: the state's bytes are in columns ---- */

static const u8 sbox[256] = {
	0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5, 0x30, 0x01, 0x67, 0x2b, 0xfe, 0xd7, 0xab, 0x76,
	0xca, 0x82, 0xc9, 0x7d, 0xfa, 0x59, 0x47, 0xf0, 0xad, 0xd4, 0xa2, 0xaf, 0x9c, 0xa4, 0x72, 0xc0,
	0xb7, 0xfd, 0x93, 0x26, 0x36, 0x3f, 0xf7, 0xcc, 0x34, 0xa5, 0xe5, 0xf1, 0x71, 0xd8, 0x31, 0x15,
	0x04, 0xc7, 0x23, 0xc3, 0x18, 0x96, 0x05, 0x9a, 0x07, 0x12, 0x80, 0xe2, 0xeb, 0x27, 0xb2, 0x75,
	0x09, 0x83, 0x2c, 0x1a, 0x1b, 0x6e, 0x5a, 0xa0, 0x52, 0x3b, 0xd6, 0xb3, 0x29, 0xe3, 0x2f, 0x84,
	0x53, 0xd1, 0x00, 0xed, 0x20, 0xfc, 0xb1, 0x5b, 0x6a, 0xcb, 0xbe, 0x39, 0x4a, 0x4c, 0x58, 0xcf,
	0xd0, 0xef, 0xaa, 0xfb, 0x43, 0x4d, 0x33, 0x85, 0x45, 0xf9, 0x02, 0x7f, 0x50, 0x3c, 0x9f, 0xa8,
	0x51, 0xa3, 0x40, 0x8f, 0x92, 0x9d, 0x38, 0xf5, 0xbc, 0xb6, 0xda, 0x21, 0x10, 0xff, 0xf3, 0xd2,
	0xcd, 0x0c, 0x13, 0xec, 0x5f, 0x97, 0x44, 0x17, 0xc4, 0xa7, 0x7e, 0x3d, 0x64, 0x5d, 0x19, 0x73,
	0x60, 0x81, 0x4f, 0xdc, 0x22, 0x2a, 0x90, 0x88, 0x46, 0xee, 0xb8, 0x14, 0xde, 0x5e, 0x0b, 0xdb,
	0xe0, 0x32, 0x3a, 0x0a, 0x49, 0x06, 0x24, 0x5c, 0xc2, 0xd3, 0xac, 0x62, 0x91, 0x95, 0xe4, 0x79,
	0xe7, 0xc8, 0x37, 0x6d, 0x8d, 0xd5, 0x4e, 0xa9, 0x6c, 0x56, 0xf4, 0xea, 0x65, 0x7a, 0xae, 0x08,
	0xba, 0x78, 0x25, 0x2e, 0x1c, 0xa6, 0xb4, 0xc6, 0xe8, 0xdd, 0x74, 0x1f, 0x4b, 0xbd, 0x8b, 0x8a,
	0x70, 0x3e, 0xb5, 0x66, 0x48, 0x03, 0xf6, 0x0e, 0x61, 0x35, 0x57, 0xb9, 0x86, 0xc1, 0x1d, 0x9e,
	0xe1, 0xf8, 0x98, 0x11, 0x69, 0xd9, 0x8e, 0x94, 0x9b, 0x1e, 0x87, 0xe9, 0xce, 0x55, 0x28, 0xdf,
	0x8c, 0xa1, 0x89, 0x0d, 0xbf, 0xe6, 0x42, 0x68, 0x41, 0x99, 0x2d, 0x0f, 0xb0, 0x54, 0xbb, 0x16,
};
static const u8 inverse_sbox[256] = {
	0x52, 0x09, 0x6a, 0xd5, 0x30, 0x36, 0xa5, 0x38, 0xbf, 0x40, 0xa3, 0x9e, 0x81, 0xf3, 0xd7, 0xfb,
	0x7c, 0xe3, 0x39, 0x82, 0x9b, 0x2f, 0xff, 0x87, 0x34, 0x8e, 0x43, 0x44, 0xc4, 0xde, 0xe9, 0xcb,
	0x54, 0x7b, 0x94, 0x32, 0xa6, 0xc2, 0x23, 0x3d, 0xee, 0x4c, 0x95, 0x0b, 0x42, 0xfa, 0xc3, 0x4e,
	0x08, 0x2e, 0xa1, 0x66, 0x28, 0xd9, 0x24, 0xb2, 0x76, 0x5b, 0xa2, 0x49, 0x6d, 0x8b, 0xd1, 0x25,
	0x72, 0xf8, 0xf6, 0x64, 0x86, 0x68, 0x98, 0x16, 0xd4, 0xa4, 0x5c, 0xcc, 0x5d, 0x65, 0xb6, 0x92,
	0x6c, 0x70, 0x48, 0x50, 0xfd, 0xed, 0xb9, 0xda, 0x5e, 0x15, 0x46, 0x57, 0xa7, 0x8d, 0x9d, 0x84,
	0x90, 0xd8, 0xab, 0x00, 0x8c, 0xbc, 0xd3, 0x0a, 0xf7, 0xe4, 0x58, 0x05, 0xb8, 0xb3, 0x45, 0x06,
	0xd0, 0x2c, 0x1e, 0x8f, 0xca, 0x3f, 0x0f, 0x02, 0xc1, 0xaf, 0xbd, 0x03, 0x01, 0x13, 0x8a, 0x6b,
	0x3a, 0x91, 0x11, 0x41, 0x4f, 0x67, 0xdc, 0xea, 0x97, 0xf2, 0xcf, 0xce, 0xf0, 0xb4, 0xe6, 0x73,
	0x96, 0xac, 0x74, 0x22, 0xe7, 0xad, 0x35, 0x85, 0xe2, 0xf9, 0x37, 0xe8, 0x1c, 0x75, 0xdf, 0x6e,
	0x47, 0xf1, 0x1a, 0x71, 0x1d, 0x29, 0xc5, 0x89, 0x6f, 0xb7, 0x62, 0x0e, 0xaa, 0x18, 0xbe, 0x1b,
	0xfc, 0x56, 0x3e, 0x4b, 0xc6, 0xd2, 0x79, 0x20, 0x9a, 0xdb, 0xc0, 0xfe, 0x78, 0xcd, 0x5a, 0xf4,
	0x1f, 0xdd, 0xa8, 0x33, 0x88, 0x07, 0xc7, 0x31, 0xb1, 0x12, 0x10, 0x59, 0x27, 0x80, 0xec, 0x5f,
	0x60, 0x51, 0x7f, 0xa9, 0x19, 0xb5, 0x4a, 0x0d, 0x2d, 0xe5, 0x7a, 0x9f, 0x93, 0xc9, 0x9c, 0xef,
	0xa0, 0xe0, 0x3b, 0x4d, 0xae, 0x2a, 0xf5, 0xb0, 0xc8, 0xeb, 0xbb, 0x3c, 0x83, 0x53, 0x99, 0x61,
	0x17, 0x2b, 0x04, 0x7e, 0xba, 0x77, 0xd6, 0x26, 0xe1, 0x69, 0x14, 0x63, 0x55, 0x21, 0x0c, 0x7d,
};

/* Substitution and rows moved by their number, left or (inverse) right; imm: 1 = inverse. */
VHELPER(arm64_aes_round)
{
	union ir_vec r;

	for (u32 column = 0; column < 4; column++)
		for (u32 row = 0; row < 4; row++) {
			u32 from = 4 * ((imm ? column - row : column + row) & 3) + row;
			u8 x = a->b[from] ^ b->b[from];

			r.b[4 * column + row] = imm ? inverse_sbox[x] : sbox[x];
		}
	*d = r;
}

/* Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
static u8 product(u32 x, u32 by)
{
	u32 r = 0;

	for (; by; by >>= 1) {
		r ^= by & 1 ? x : 0;
		x = x << 1 ^ (x & 0x80 ? 0x11b : 0);
	}
	return (u8)r;
}

VHELPER(arm64_aes_mix)
{
	static const u8 forward[4] = { 2, 3, 1, 1 }, inverse[4] = { 14, 11, 13, 9 };
	const u8 *by = imm ? inverse : forward;
	union ir_vec r;

	for (u32 i = 0; i < 16; i++) {
		u32 column = i & ~3u, row = i & 3;

		r.b[i] = 0;
		for (u32 k = 0; k < 4; k++)
			r.b[i] ^= product(a->b[column + k], by[(k - row) & 3]);
	}
	*d = r;
}

static void three(struct ir *t, const struct operands *o, const struct ir_vhelper *h, u32 imm)
{
	setv(t, o->d, ir_vcall(t, h, getv(t, o->d), getv(t, o->a), getv(t, o->b), imm));
}

static void aes_round(struct ir *t, const struct operands *o, u32 inverse)
{
	setv(t, o->d, ir_vcall(t, &vhelper_arm64_aes_round, getv(t, o->d), getv(t, o->a), 0, inverse));
}

static void aes_mix(struct ir *t, const struct operands *o, u32 inverse)
{
	setv(t, o->d, ir_vcall(t, &vhelper_arm64_aes_mix, getv(t, o->a), 0, 0, inverse));
}

/* clang-format off */
INSN(aese,      "01001110 00 10100 00100 10 aaaaa ddddd",  NULL, "V, U")	{ aes_round(t, o, 0); }
INSN(aesd,      "01001110 00 10100 00101 10 aaaaa ddddd",  NULL, "V, U")	{ aes_round(t, o, 1); }
INSN(aesmc,     "01001110 00 10100 00110 10 aaaaa ddddd",  NULL, "V, U")	{ aes_mix(t, o, 0); }
INSN(aesimc,    "01001110 00 10100 00111 10 aaaaa ddddd",  NULL, "V, U")	{ aes_mix(t, o, 1); }
/* clang-format on */

/* ---- SHA-1 and SHA-256: helpers get Vd Vn Vm ---- */

static u32 choose(u32 x, u32 y, u32 z) { return ((y ^ z) & x) ^ z; }
static u32 majority(u32 x, u32 y, u32 z) { return (x & y) | ((x | y) & z); }
static u32 parity(u32 x, u32 y, u32 z) { return x ^ y ^ z; }

#undef FEATURE
#define FEATURE ARM_SHA1

/* Four rounds; imm: 0 choose, 1 parity, 2 majority. */
VHELPER(arm64_sha1_rounds)
{
	u32 (*const f[3])(u32, u32, u32) = { choose, parity, majority };
	union ir_vec x = *a;
	u32 y = b->w[0], next;

	for (u32 e = 0; e < 4; e++) {
		y += rotl32(x.w[0], 5) + f[imm](x.w[1], x.w[2], x.w[3]) + c->w[e];
		x.w[1] = rotl32(x.w[1], 30);
		next = x.w[3];
		x = (union ir_vec){ .w = { y, x.w[0], x.w[1], x.w[2] } };
		y = next;
	}
	*d = x;
}

VHELPER(arm64_sha1su0)
{
	*d = (union ir_vec){ .d = { a->d[1] ^ a->d[0] ^ c->d[0], b->d[0] ^ a->d[1] ^ c->d[1] } };
}

VHELPER(arm64_sha1su1)
{
	union ir_vec r;

	for (u32 e = 0; e < 4; e++)
		r.w[e] = rotl32(a->w[e] ^ (e < 3 ? b->w[e + 1] : 0), 1);
	r.w[3] ^= rotl32(r.w[0], 1);
	*d = r;
}

/* clang-format off */
INSN(sha1c,     "01011110 000 bbbbb 0 000 00 aaaaa ddddd", NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sha1_rounds, 0); }
INSN(sha1p,     "01011110 000 bbbbb 0 001 00 aaaaa ddddd", NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sha1_rounds, 1); }
INSN(sha1m,     "01011110 000 bbbbb 0 010 00 aaaaa ddddd", NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sha1_rounds, 2); }
INSN(sha1su0,   "01011110 000 bbbbb 0 011 00 aaaaa ddddd", NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sha1su0, 0); }
INSN(sha1h,     "01011110 00 10100 00000 10 aaaaa ddddd",  NULL, "V, U")
{
	setv(t, o->d, ir_vzext(t, ir_bin(t, IR_ROR, ir_vlow(t, IR_I32, getv(t, o->a)), ir_const(t, IR_I32, 2))));
}
INSN(sha1su1,   "01011110 00 10100 00001 10 aaaaa ddddd",  NULL, "V, U")	{ three(t, o, &vhelper_arm64_sha1su1, 0); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_SHA256

/* Four rounds on x (a b c d) and y (e f g h); imm: 0 gives x, from Vd and Vn; 1 gives y, from Vn and Vd. */
VHELPER(arm64_sha256_rounds)
{
	union ir_vec x = imm ? *b : *a, y = imm ? *a : *b;

	for (u32 e = 0; e < 4; e++) {
		u32 s1 = rotr32(y.w[0], 6) ^ rotr32(y.w[0], 11) ^ rotr32(y.w[0], 25);
		u32 s0 = rotr32(x.w[0], 2) ^ rotr32(x.w[0], 13) ^ rotr32(x.w[0], 22);
		u32 t = y.w[3] + s1 + choose(y.w[0], y.w[1], y.w[2]) + c->w[e];
		u32 next = t + s0 + majority(x.w[0], x.w[1], x.w[2]), carried = t + x.w[3];

		x = (union ir_vec){ .w = { next, x.w[0], x.w[1], x.w[2] } };
		y = (union ir_vec){ .w = { carried, y.w[0], y.w[1], y.w[2] } };
	}
	*d = imm ? y : x;
}

VHELPER(arm64_sha256su0)
{
	union ir_vec r;

	for (u32 e = 0; e < 4; e++) {
		u32 v = e < 3 ? a->w[e + 1] : b->w[0];

		r.w[e] = a->w[e] + (rotr32(v, 7) ^ rotr32(v, 18) ^ v >> 3);
	}
	*d = r;
}

VHELPER(arm64_sha256su1)
{
	union ir_vec r;

	for (u32 e = 0; e < 4; e++) {
		u32 v = e < 2 ? c->w[e + 2] : r.w[e - 2];

		r.w[e] = (rotr32(v, 17) ^ rotr32(v, 19) ^ v >> 10) + a->w[e] + (e < 3 ? b->w[e + 1] : c->w[0]);
	}
	*d = r;
}

/* clang-format off */
INSN(sha256h,   "01011110 000 bbbbb 0 100 00 aaaaa ddddd", NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sha256_rounds, 0); }
INSN(sha256h2,  "01011110 000 bbbbb 0 101 00 aaaaa ddddd", NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sha256_rounds, 1); }
INSN(sha256su1, "01011110 000 bbbbb 0 110 00 aaaaa ddddd", NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sha256su1, 0); }
INSN(sha256su0, "01011110 00 10100 00010 10 aaaaa ddddd",  NULL, "V, U")	{ three(t, o, &vhelper_arm64_sha256su0, 0); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_SHA512

static u64 sum64(u64 v, u32 r1, u32 r2, u32 r3) { return rotr64(v, r1) ^ rotr64(v, r2) ^ rotr64(v, r3); }
static u64 choose64(u64 x, u64 y, u64 z) { return (x & y) ^ (~x & z); }
static u64 majority64(u64 x, u64 y, u64 z) { return (x & y) ^ (x & z) ^ (y & z); }

VHELPER(arm64_sha512h)
{
	u64 high = choose64(c->d[1], b->d[0], b->d[1]) + sum64(c->d[1], 14, 18, 41) + a->d[1], t = high + c->d[0];

	*d = (union ir_vec){ .d = { choose64(t, c->d[1], b->d[0]) + sum64(t, 14, 18, 41) + a->d[0], high } };
}

VHELPER(arm64_sha512h2)
{
	u64 high = majority64(b->d[0], c->d[1], c->d[0]) + sum64(c->d[0], 28, 34, 39) + a->d[1];

	*d = (union ir_vec){ .d = { majority64(high, c->d[0], c->d[1]) + sum64(high, 28, 34, 39) + a->d[0], high } };
}

static u64 small0(u64 v) { return rotr64(v, 1) ^ rotr64(v, 8) ^ v >> 7; }
static u64 small1(u64 v) { return rotr64(v, 19) ^ rotr64(v, 61) ^ v >> 6; }

VHELPER(arm64_sha512su0)
{
	*d = (union ir_vec){ .d = { a->d[0] + small0(a->d[1]), a->d[1] + small0(b->d[0]) } };
}

VHELPER(arm64_sha512su1)
{
	*d = (union ir_vec){ .d = { a->d[0] + small1(b->d[0]) + c->d[0], a->d[1] + small1(b->d[1]) + c->d[1] } };
}

/* clang-format off */
INSN(sha512h,   "11001110 011 bbbbb 100000 aaaaa ddddd",   NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sha512h, 0); }
INSN(sha512h2,  "11001110 011 bbbbb 100001 aaaaa ddddd",   NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sha512h2, 0); }
INSN(sha512su1, "11001110 011 bbbbb 100010 aaaaa ddddd",   NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sha512su1, 0); }
INSN(sha512su0, "11001110 110 00000 100000 aaaaa ddddd",   NULL, "V, U")	{ three(t, o, &vhelper_arm64_sha512su0, 0); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_SHA3

static ir_ref rotate_left(struct ir *t, ir_ref v, u32 by)
{
	if (!by)
		return v;
	return ir_vbin(t, IR_VOR, 0, ir_vun(t, IR_VSHL, LANE_64, v, by), ir_vun(t, IR_VSHR, LANE_64, v, 64 - by), 0);
}

static ir_ref xor(struct ir *t, ir_ref a, ir_ref b) { return ir_vbin(t, IR_VXOR, 0, a, b, 0); }

/* clang-format off */
INSN(eor3,      "11001110 000 bbbbb 0 ccccc aaaaa ddddd",  NULL, "V, U, W")
{
	setv(t, o->d, xor(t, xor(t, getv(t, o->a), getv(t, o->b)), getv(t, o->c)));
}
INSN(bcax,      "11001110 001 bbbbb 0 ccccc aaaaa ddddd",  NULL, "V, U, W")
{
	setv(t, o->d, xor(t, getv(t, o->a), ir_vbin(t, IR_VANDN, 0, getv(t, o->b), getv(t, o->c), 0)));
}
INSN(rax1,      "11001110 011 bbbbb 100011 aaaaa ddddd",   NULL, "V, U, W")
{
	setv(t, o->d, xor(t, getv(t, o->a), rotate_left(t, getv(t, o->b), 1)));
}
INSN(xar,       "11001110 100 bbbbb ssssss aaaaa ddddd",   NULL, "V, U, W, s")
{
	setv(t, o->d, rotate_left(t, xor(t, getv(t, o->a), getv(t, o->b)), (64u - o->s) & 63));
}
/* clang-format on */
