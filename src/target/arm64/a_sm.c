/* A64 cryptography by the Chinese standards, SM3 and SM4 (DDI 0487, C4.1.90).
 *
 * In C on whole registers.  Helpers take a = Vn, b = Vm, c = Vd.
 * NOT modelled: data-independent timing - SM4's table look-ups depend on data.
 * Thread: the vCPU's own.
 */
#define FEATURE ARM_SM3
#include "target/arm64/vec.h"
#include "base/bits.h"

static void three(struct ir *t, const struct operands *o, const struct ir_vhelper *h, u32 imm)
{
	setv(t, o->d, ir_vcall(t, h, getv(t, o->a), getv(t, o->b), getv(t, o->d), imm));
}

static u32 choose(u32 x, u32 y, u32 z) { return (x & y) | (~x & z); }
static u32 majority(u32 x, u32 y, u32 z) { return (x & y) | (x & z) | (y & z); }

VHELPER(arm64_sm3ss1)	/* c = Va */
{
	union ir_vec r = { .w = { [3] = rotl32(rotl32(a->w[3], 12) + b->w[3] + c->w[3], 7) } };

	*d = r;
}

enum { SM3_TT1A, SM3_TT1B, SM3_TT2A, SM3_TT2B };

VHELPER(arm64_sm3tt)	/* imm: the function, and Vm's word << 2 */
{
	u32 how = imm & 3, x = c->w[3], y = c->w[2], z = c->w[1], v;

	v = how == SM3_TT1B ? majority(x, y, z) : how == SM3_TT2B ? choose(x, y, z) : x ^ y ^ z;
	v += c->w[0] + b->w[imm >> 2];
	if (how < SM3_TT2A) {
		v += a->w[3] ^ rotl32(x, 12);
		y = rotl32(y, 9);
	} else {
		v += a->w[3];
		v ^= rotl32(v, 9) ^ rotl32(v, 17);
		y = rotl32(y, 19);
	}
	*d = (union ir_vec){ .w = { z, y, x, v } };
}

static u32 permute1(u32 v) { return v ^ rotl32(v, 15) ^ rotl32(v, 23); }

VHELPER(arm64_sm3part1)
{
	union ir_vec r;

	for (u32 k = 0; k < 4; k++)
		r.w[k] = permute1(c->w[k] ^ a->w[k] ^ rotl32(k < 3 ? b->w[k + 1] : r.w[0], 15));
	*d = r;
}

VHELPER(arm64_sm3part2)
{
	union ir_vec r;
	u32 first = 0;

	for (u32 k = 0; k < 4; k++) {
		u32 v = a->w[k] ^ rotl32(b->w[k], 7);

		first = k ? first : v;
		r.w[k] = c->w[k] ^ v;
	}
	r.w[3] ^= permute1(rotl32(first, 15));
	*d = r;
}

static void sm3_tt(struct ir *t, const struct operands *o, u32 how)
{
	three(t, o, &vhelper_arm64_sm3tt, how | (u32)o->s << 2);
}

/* clang-format off */
INSN(sm3ss1, "11001110010 bbbbb 0 ccccc aaaaa ddddd", NULL, "V, U, W")
{
	setv(t, o->d, ir_vcall(t, &vhelper_arm64_sm3ss1, getv(t, o->a), getv(t, o->b), getv(t, o->c), 0));
}
INSN(sm3tt1a,   "11001110010 bbbbb 10 ss 00 aaaaa ddddd", NULL, "V, U, W")	{ sm3_tt(t, o, SM3_TT1A); }
INSN(sm3tt1b,   "11001110010 bbbbb 10 ss 01 aaaaa ddddd", NULL, "V, U, W")	{ sm3_tt(t, o, SM3_TT1B); }
INSN(sm3tt2a,   "11001110010 bbbbb 10 ss 10 aaaaa ddddd", NULL, "V, U, W")	{ sm3_tt(t, o, SM3_TT2A); }
INSN(sm3tt2b,   "11001110010 bbbbb 10 ss 11 aaaaa ddddd", NULL, "V, U, W")	{ sm3_tt(t, o, SM3_TT2B); }
INSN(sm3partw1, "11001110011 bbbbb 110000 aaaaa ddddd", NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sm3part1, 0); }
INSN(sm3partw2, "11001110011 bbbbb 110001 aaaaa ddddd", NULL, "V, U, W")	{ three(t, o, &vhelper_arm64_sm3part2, 0); }

/* ---- SM4 ---- */

#undef FEATURE
#define FEATURE ARM_SM4

static const u8 sm4_sbox[256] = {
	0xd6, 0x90, 0xe9, 0xfe, 0xcc, 0xe1, 0x3d, 0xb7, 0x16, 0xb6, 0x14, 0xc2, 0x28, 0xfb, 0x2c, 0x05,
	0x2b, 0x67, 0x9a, 0x76, 0x2a, 0xbe, 0x04, 0xc3, 0xaa, 0x44, 0x13, 0x26, 0x49, 0x86, 0x06, 0x99,
	0x9c, 0x42, 0x50, 0xf4, 0x91, 0xef, 0x98, 0x7a, 0x33, 0x54, 0x0b, 0x43, 0xed, 0xcf, 0xac, 0x62,
	0xe4, 0xb3, 0x1c, 0xa9, 0xc9, 0x08, 0xe8, 0x95, 0x80, 0xdf, 0x94, 0xfa, 0x75, 0x8f, 0x3f, 0xa6,
	0x47, 0x07, 0xa7, 0xfc, 0xf3, 0x73, 0x17, 0xba, 0x83, 0x59, 0x3c, 0x19, 0xe6, 0x85, 0x4f, 0xa8,
	0x68, 0x6b, 0x81, 0xb2, 0x71, 0x64, 0xda, 0x8b, 0xf8, 0xeb, 0x0f, 0x4b, 0x70, 0x56, 0x9d, 0x35,
	0x1e, 0x24, 0x0e, 0x5e, 0x63, 0x58, 0xd1, 0xa2, 0x25, 0x22, 0x7c, 0x3b, 0x01, 0x21, 0x78, 0x87,
	0xd4, 0x00, 0x46, 0x57, 0x9f, 0xd3, 0x27, 0x52, 0x4c, 0x36, 0x02, 0xe7, 0xa0, 0xc4, 0xc8, 0x9e,
	0xea, 0xbf, 0x8a, 0xd2, 0x40, 0xc7, 0x38, 0xb5, 0xa3, 0xf7, 0xf2, 0xce, 0xf9, 0x61, 0x15, 0xa1,
	0xe0, 0xae, 0x5d, 0xa4, 0x9b, 0x34, 0x1a, 0x55, 0xad, 0x93, 0x32, 0x30, 0xf5, 0x8c, 0xb1, 0xe3,
	0x1d, 0xf6, 0xe2, 0x2e, 0x82, 0x66, 0xca, 0x60, 0xc0, 0x29, 0x23, 0xab, 0x0d, 0x53, 0x4e, 0x6f,
	0xd5, 0xdb, 0x37, 0x45, 0xde, 0xfd, 0x8e, 0x2f, 0x03, 0xff, 0x6a, 0x72, 0x6d, 0x6c, 0x5b, 0x51,
	0x8d, 0x1b, 0xaf, 0x92, 0xbb, 0xdd, 0xbc, 0x7f, 0x11, 0xd9, 0x5c, 0x41, 0x1f, 0x10, 0x5a, 0xd8,
	0x0a, 0xc1, 0x31, 0x88, 0xa5, 0xcd, 0x7b, 0xbd, 0x2d, 0x74, 0xd0, 0x12, 0xb8, 0xe5, 0xb4, 0xb0,
	0x89, 0x69, 0x97, 0x4a, 0x0c, 0x96, 0x77, 0x7e, 0x65, 0xb9, 0xf1, 0x09, 0xc5, 0x6e, 0xc6, 0x84,
	0x18, 0xf0, 0x7d, 0xec, 0x3a, 0xdc, 0x4d, 0x20, 0x79, 0xee, 0x5f, 0x3e, 0xd7, 0xcb, 0x39, 0x48,
};
/* clang-format on */

/* Four rounds on the state a with the keys or constants b; imm: of the key schedule. */
VHELPER(arm64_sm4)
{
	union ir_vec x = *a, k = *b;

	for (u32 e = 0; e < 4; e++) {
		u32 v = x.w[1] ^ x.w[2] ^ x.w[3] ^ k.w[e], s = 0;

		for (u32 i = 0; i < 32; i += 8)
			s |= (u32)sm4_sbox[v >> i & 255] << i;
		s ^= imm ? rotl32(s, 13) ^ rotl32(s, 23) : rotl32(s, 2) ^ rotl32(s, 10) ^ rotl32(s, 18) ^ rotl32(s, 24);
		x = (union ir_vec){ .w = { x.w[1], x.w[2], x.w[3], x.w[0] ^ s } };
	}
	*d = x;
}

/* clang-format off */
INSN(sm4e, "1100111011000000 100001 aaaaa ddddd",  NULL, "V, U")
{
	setv(t, o->d, ir_vcall(t, &vhelper_arm64_sm4, getv(t, o->d), getv(t, o->a), 0, 0));
}
INSN(sm4ekey, "11001110011 bbbbb 110010 aaaaa ddddd", NULL, "V, U, W")
{
	setv(t, o->d, ir_vcall(t, &vhelper_arm64_sm4, getv(t, o->a), getv(t, o->b), 0, 1));
}
/* clang-format on */
