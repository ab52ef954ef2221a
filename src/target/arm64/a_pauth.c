/* A64 pointer authentication (FEAT_PAuth; DDI 0487, D8.10 and C6.2).
 *
 * A pointer has its code in bits 54..48: 48-bit addresses, bit 55 says which half;
 * one of the upper half, where no top byte is ignored, in 63..56 as well.  Codes
 * come from QARMA5, or by the model's choice from an implementation-defined mix
 * that takes a few ns.  A check that fails puts an error code in two bits below
 * the top one, so that a use of the pointer faults (no FPAC).
 * Keys are in struct arm64_state, not slots; Linux user mode draws them in
 * start().  All keys are on; the hint forms do nothing where the feature is off
 * (line hint of a_branch.c).
 * Not modelled: FEAT_PAuth2, FPAC, CONSTPACFIELD; prctl(PR_PAC_RESET_KEYS).
 * Helpers on the vCPU's own thread.
 * Spec: DDI 0487, J1.1 AddPAC, Auth; R. Avanzi, The QARMA Block Cipher Family, 2017.
 */
#define FEATURE ARM_PAUTH
#include "target/arm64/arm64.h"
#include "target/arm64/pauth.h"

#include <errno.h>
#include <sys/random.h>

/* ---- QARMA5, 64 bits: 16 cells of 4 bits, cell 0 on top ---- */

enum { CELLS = 16, ROUNDS = 5 };
#define ALPHA 0xc0ac29b7c97c50ddull
static const u64 round_constants[ROUNDS] = {
	0, 0x13198a2e03707344ull, 0xa4093822299f31d0ull, 0x082efa98ec4e6c89ull, 0x452821e638d01377ull,
};
/* Cell i of the result is cell shuffle[i]. */
static const u8 shuffle[CELLS] = { 0, 11, 6, 13, 10, 1, 12, 7, 5, 14, 3, 8, 15, 4, 9, 2 };
static const u8 unshuffle[CELLS] = { 0, 5, 15, 10, 13, 8, 2, 7, 11, 14, 4, 1, 6, 3, 9, 12 };
static const u8 tweak_shuffle[CELLS] = { 6, 5, 14, 15, 0, 1, 2, 3, 7, 12, 13, 4, 8, 9, 10, 11 };
static const u8 tweak_unshuffle[CELLS] = { 4, 5, 6, 7, 11, 1, 0, 8, 12, 13, 14, 15, 9, 10, 2, 3 };
static const u8 box[16] = { 11, 6, 8, 15, 12, 0, 9, 14, 3, 7, 4, 5, 13, 2, 1, 10 };
static const u8 unbox[16] = { 5, 14, 13, 8, 10, 11, 1, 9, 2, 6, 15, 0, 4, 12, 7, 3 };
enum { TWEAKED_CELLS = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 8 | 1 << 11 | 1 << 13 };

static u32 cell(u64 v, u32 i) { return v >> (60 - 4 * i) & 15; }

static u64 permute(u64 v, const u8 *from)
{
	u64 r = 0;

	for (u32 i = 0; i < CELLS; i++)
		r = r << 4 | cell(v, from[i]);
	return r;
}

static u64 substitute(u64 v, const u8 *by)
{
	u64 r = 0;

	for (u32 i = 0; i < CELLS; i++)
		r = r << 4 | by[cell(v, i)];
	return r;
}

/* Every cell rotated left by 1 or 2. */
static u64 rotate1(u64 v) { return (v & 0x7777777777777777ull) << 1 | (v & 0x8888888888888888ull) >> 3; }
static u64 rotate2(u64 v) { return (v & 0x3333333333333333ull) << 2 | (v & 0xccccccccccccccccull) >> 2; }
static u64 rows(u64 v, u32 n) { return v << 16 * n | v >> (64 - 16 * n); }

/* Each row of four cells is a sum of the three others. */
static u64 mix(u64 v)
{
	return rotate1(rows(v, 1)) ^ rotate2(rows(v, 2)) ^ rotate1(rows(v, 3));
}

static u64 tweak_forward(u64 v)
{
	u64 s = permute(v, tweak_shuffle), r = 0;

	for (u32 i = 0; i < CELLS; i++) {
		u32 c = cell(s, i);

		r = r << 4 | (TWEAKED_CELLS >> i & 1 ? c >> 1 | ((c ^ c >> 1) & 1) << 3 : c);
	}
	return r;
}

static u64 tweak_back(u64 v)
{
	u64 r = 0;

	for (u32 i = 0; i < CELLS; i++) {
		u32 c = cell(v, i);

		r = r << 4 | (TWEAKED_CELLS >> i & 1 ? (c << 1 & 15) | ((c ^ c << 3) >> 3 & 1) : c);
	}
	return permute(r, tweak_unshuffle);
}

u64 arm64_qarma5(u64 v, u64 tweak, const u64 key[2])
{
	u64 k0 = key[1], k1 = key[0], w1 = (k0 >> 1 | k0 << 63) ^ k0 >> 63;

	v ^= k0;
	for (u32 i = 0; i < ROUNDS; i++) {
		v ^= k1 ^ tweak ^ round_constants[i];
		if (i)
			v = mix(permute(v, shuffle));
		v = substitute(v, box);
		tweak = tweak_forward(tweak);
	}
	v = substitute(mix(permute(v ^ w1 ^ tweak, shuffle)), box);
	v = mix(permute(v, shuffle)) ^ k1;
	v = substitute(permute(v, unshuffle), unbox);
	v = permute(mix(v), unshuffle) ^ k0 ^ tweak;
	for (u32 i = 0; i < ROUNDS; i++) {
		v = substitute(v, unbox);
		if (i < ROUNDS - 1)
			v = permute(mix(v), unshuffle);
		tweak = tweak_back(tweak);
		v ^= k1 ^ tweak ^ round_constants[ROUNDS - 1 - i] ^ ALPHA;
	}
	return v ^ w1;
}

/* ---- codes ---- */

enum { KEY_IA, KEY_IB, KEY_DA, KEY_DB, KEY_GA };
enum { HALF_BIT = 55, ERROR_LOW = 53, ERROR_HIGH = 61 };

/* Bits that hold the code.  The top byte is the program's in the lower half alone (TBI0, as Linux sets it). */
static u64 code_mask(u64 v)
{
	return v >> HALF_BIT & 1 ? 0xff7full << 48 : 0x7full << 48;
}

/* Not cryptography: no guest can tell, and none is kept from trying 128 codes. */
static u64 quick_mix(u64 v, u64 modifier, const u64 key[2])
{
	unsigned __int128 p = (unsigned __int128)(v ^ key[0]) *
			      ((modifier * 0x9e3779b97f4a7c15ull ^ key[1]) | 1);

	v = (u64)(p >> 64) ^ (u64)p;
	v *= 0xd6e8feb86659fd93ull;
	return v ^ v >> 32 ^ v << 17;
}

static u64 code(struct vcpu *cpu, u64 v, u64 modifier, u32 key)
{
	const struct arm64_model *m = cpu->cpu_model;
	const u64 *k = arm64_state(cpu)->key[key];

	return m->pauth_fast ? quick_mix(v, modifier, k) : arm64_qarma5(v, modifier, k);
}

/* The pointer without its code. */
static u64 strip(u64 v)
{
	return v >> HALF_BIT & 1 ? v | code_mask(v) : v & ~code_mask(v);
}

/* a = pointer, b = modifier, c = key */
HELPER(arm64_pac, HELPER_PURE)
{
	u64 plain = strip(a), pac = code(vcpu, plain, b, (u32)c), mask = code_mask(a);

	if (plain != a)		/* it had a code or was no address: make one that will not do */
		pac ^= plain >> HALF_BIT & 1 ? 1ull << 62 : 1ull << 54;
	return (plain & ~mask) | (pac & mask);
}

HELPER(arm64_aut, HELPER_PURE)
{
	u64 plain = strip(a);
	u32 at = plain >> HALF_BIT & 1 ? ERROR_HIGH : ERROR_LOW;

	if (!((code(vcpu, plain, b, (u32)c) ^ a) & code_mask(a)))
		return plain;
	return (plain & ~(3ull << at)) | (c & 1 ? 2ull : 1ull) << at;
}

HELPER(arm64_xpac, HELPER_PURE)
{
	return strip(a);
}

HELPER(arm64_pacga, HELPER_PURE)
{
	return code(vcpu, a, b, KEY_GA) & 0xffffffff00000000ull;
}

int arm64_pauth_keys(struct vcpu *cpu)
{
	struct arm64_state *s = arm64_state(cpu);

	return getrandom(s->key, sizeof s->key, 0) == (i64)sizeof s->key ? 0 : -EIO;
}

/* ---- instructions ---- */

static ir_ref authenticated(struct ir *t, ir_ref pointer, ir_ref modifier, u32 key)
{
	return ir_call(t, &helper_arm64_aut, IR_I64, pointer, modifier, ir_imm(t, key));
}

/* Letter y: key; x = 1: the modifier is zero. */
static void change(struct ir *t, const struct operands *o, const struct ir_helper *h)
{
	ir_ref modifier = o->x ? ir_imm(t, 0) : getxsp(t, o->a);

	if (o->x && o->a != REG_ZR)
		illegal(t);
	else
		setx(t, o->d, ir_call(t, h, IR_I64, getx(t, o->d), modifier, ir_imm(t, o->y)));
}

/* The hint forms: x17 with x16, x30 with zero or sp. */
static void hint(struct ir *t, const struct ir_helper *h, u32 r, ir_ref modifier, u32 key)
{
	setx(t, r, ir_call(t, h, IR_I64, getx(t, r), modifier, ir_imm(t, key)));
}

/* s: 0 = modifier zero (d must be 31), 1 = register d or sp; z = key. */
static void branch(struct ir *t, const struct operands *o, u32 hint_of_jump)
{
	ir_ref to;

	if (!o->s && o->d != REG_ZR) {
		illegal(t);
		return;
	}
	to = authenticated(t, getx(t, o->a), o->s ? getxsp(t, o->d) : ir_imm(t, 0), o->z);
	if (hint_of_jump == JUMP_CALL)
		setx(t, REG_LR, ir_imm(t, (i64)t->next_pc));
	ir_jump(t, to, hint_of_jump);
}

static i64 offset10(u32 w) { return (i64)((i32)((w >> 22 & 1) << 31 | (w >> 12 & 0x1ff) << 22) >> 22) * 8; }

static void load(struct ir *t, const struct operands *o, bool writeback)
{
	ir_ref base = authenticated(t, getxsp(t, o->a), ir_imm(t, 0), KEY_DA + o->z), v;

	base = ir_add(t, base, ir_imm(t, o->imm));
	v = ir_load(t, IR_I64, base, MEM_64);
	setx(t, o->d, v);
	if (writeback)
		setxsp(t, o->a, base);
}

/* clang-format off */
INSN(pac,      "1 1 0 11010110 00001 00 x 0 yy aaaaa ddddd",   NULL, "x, n")	{ change(t, o, &helper_arm64_pac); }
INSN(aut,      "1 1 0 11010110 00001 00 x 1 yy aaaaa ddddd",   NULL, "x, n")	{ change(t, o, &helper_arm64_aut); }
INSN(xpaci,    "1 1 0 11010110 00001 010000 11111 ddddd",      NULL, "x")	{ hint(t, &helper_arm64_xpac, o->d, 0, 0); }
INSN(xpacd,    "1 1 0 11010110 00001 010001 11111 ddddd",      NULL, "x")	{ hint(t, &helper_arm64_xpac, o->d, 0, 0); }
INSN(pacga,    "1 0 0 11010110 bbbbb 001100 aaaaa ddddd",      NULL, "x, y, z")
{
	setx(t, o->d, ir_call(t, &helper_arm64_pacga, IR_I64, getx(t, o->a), getxsp(t, o->b), 0));
}

INSN(xpaclri,  "11010101000000110010 0000 111 11111", NULL, "")	{ hint(t, &helper_arm64_xpac, REG_LR, 0, 0); }
INSN(pacia1716, "11010101000000110010 0001 000 11111", NULL, "")	{ hint(t, &helper_arm64_pac, 17, getx(t, 16), KEY_IA); }
INSN(pacib1716, "11010101000000110010 0001 010 11111", NULL, "")	{ hint(t, &helper_arm64_pac, 17, getx(t, 16), KEY_IB); }
INSN(autia1716, "11010101000000110010 0001 100 11111", NULL, "")	{ hint(t, &helper_arm64_aut, 17, getx(t, 16), KEY_IA); }
INSN(autib1716, "11010101000000110010 0001 110 11111", NULL, "")	{ hint(t, &helper_arm64_aut, 17, getx(t, 16), KEY_IB); }
INSN(paciaz,   "11010101000000110010 0011 000 11111", NULL, "")	{ hint(t, &helper_arm64_pac, REG_LR, ir_imm(t, 0), KEY_IA); }
INSN(paciasp,  "11010101000000110010 0011 001 11111", NULL, "")	{ hint(t, &helper_arm64_pac, REG_LR, getxsp(t, 31), KEY_IA); }
INSN(pacibz,   "11010101000000110010 0011 010 11111", NULL, "")	{ hint(t, &helper_arm64_pac, REG_LR, ir_imm(t, 0), KEY_IB); }
INSN(pacibsp,  "11010101000000110010 0011 011 11111", NULL, "")	{ hint(t, &helper_arm64_pac, REG_LR, getxsp(t, 31), KEY_IB); }
INSN(autiaz,   "11010101000000110010 0011 100 11111", NULL, "")	{ hint(t, &helper_arm64_aut, REG_LR, ir_imm(t, 0), KEY_IA); }
INSN(autiasp,  "11010101000000110010 0011 101 11111", NULL, "")	{ hint(t, &helper_arm64_aut, REG_LR, getxsp(t, 31), KEY_IA); }
INSN(autibz,   "11010101000000110010 0011 110 11111", NULL, "")	{ hint(t, &helper_arm64_aut, REG_LR, ir_imm(t, 0), KEY_IB); }
INSN(autibsp,  "11010101000000110010 0011 111 11111", NULL, "")	{ hint(t, &helper_arm64_aut, REG_LR, getxsp(t, 31), KEY_IB); }

INSN(bra,      "1101011 s 000 11111 00001 z aaaaa ddddd",      NULL, "y, x")	{ branch(t, o, JUMP_PLAIN); }
INSN(blra,     "1101011 s 001 11111 00001 z aaaaa ddddd",      NULL, "y, x")	{ branch(t, o, JUMP_CALL); }
INSN(reta,     "1101011 0 010 11111 00001 z 11111 11111",      NULL, "")
{
	ir_jump(t, authenticated(t, getx(t, REG_LR), getxsp(t, 31), o->z), JUMP_RET);
}

INSN(ldra,     "11 111 0 00 z i 1 iiiiiiiii 0 1 aaaaa ddddd",  offset10, "x, n, i")	{ load(t, o, false); }
INSN(ldra_pre, "11 111 0 00 z i 1 iiiiiiiii 1 1 aaaaa ddddd",  offset10, "x, n, i")	{ load(t, o, true); }
/* clang-format on */
