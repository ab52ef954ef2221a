/* RISC-V basic bit manipulation (Zbb) and carry-less multiplication (Zbc):
 * bit-manipulation spec 1.0.0.
 */
#define FEATURE RV_ZBB
#include "target/riscv/riscv.h"

static void op(struct ir *t, const struct operands *o, enum ir_op which)
{
	set(t, o->d, ir_bin(t, which, get(t, o->a), get(t, o->b)));
}

static void op32(struct ir *t, const struct operands *o, enum ir_op which)
{
	set32(t, o->d, ir_bin(t, which, get32(t, o->a), get32(t, o->b)));
}

/* a op ~b; for xor that is the complement of the whole. */
static void op_not(struct ir *t, const struct operands *o, enum ir_op which)
{
	set(t, o->d, ir_bin(t, which, get(t, o->a), ir_un(t, IR_NOT, get(t, o->b))));
}

static void rotate(struct ir *t, const struct operands *o)
{
	set(t, o->d, ir_bin(t, IR_ROR, get(t, o->a), ir_imm(t, o->imm)));
}

static void rotate32(struct ir *t, const struct operands *o)
{
	set32(t, o->d, ir_bin(t, IR_ROR, get32(t, o->a), imm32(t, o->imm)));
}

/* Counts of a word: never negative, so the sign extension is a copy. */
static void count32(struct ir *t, const struct operands *o, enum ir_op which)
{
	set(t, o->d, ir_zext(t, ir_un(t, which, get32(t, o->a)), 32));
}

/* clang-format off */
INSN(andn,   "0100000 bbbbb aaaaa 111 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_ANDN); }
INSN(orn,    "0100000 bbbbb aaaaa 110 ddddd 0110011", NULL, "d, a, b")	{ op_not(t, o, IR_OR); }
INSN(xnor,   "0100000 bbbbb aaaaa 100 ddddd 0110011", NULL, "d, a, b")	{ op_not(t, o, IR_XOR); }
INSN(clz,    "0110000 00000 aaaaa 001 ddddd 0010011", NULL, "d, a")	{ set(t, o->d, ir_un(t, IR_CLZ, get(t, o->a))); }
INSN(ctz,    "0110000 00001 aaaaa 001 ddddd 0010011", NULL, "d, a")	{ set(t, o->d, ir_un(t, IR_CTZ, get(t, o->a))); }
INSN(cpop,   "0110000 00010 aaaaa 001 ddddd 0010011", NULL, "d, a")	{ set(t, o->d, ir_un(t, IR_POPC, get(t, o->a))); }
INSN(clzw,   "0110000 00000 aaaaa 001 ddddd 0011011", NULL, "d, a")	{ count32(t, o, IR_CLZ); }
INSN(ctzw,   "0110000 00001 aaaaa 001 ddddd 0011011", NULL, "d, a")	{ count32(t, o, IR_CTZ); }
INSN(cpopw,  "0110000 00010 aaaaa 001 ddddd 0011011", NULL, "d, a")	{ count32(t, o, IR_POPC); }
INSN(max,    "0000101 bbbbb aaaaa 110 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_MAXS); }
INSN(maxu,   "0000101 bbbbb aaaaa 111 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_MAXU); }
INSN(min,    "0000101 bbbbb aaaaa 100 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_MINS); }
INSN(minu,   "0000101 bbbbb aaaaa 101 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_MINU); }
INSN(sext_b, "0110000 00100 aaaaa 001 ddddd 0010011", NULL, "d, a")	{ set(t, o->d, ir_sext(t, get(t, o->a), 8)); }
INSN(sext_h, "0110000 00101 aaaaa 001 ddddd 0010011", NULL, "d, a")	{ set(t, o->d, ir_sext(t, get(t, o->a), 16)); }
INSN(zext_h, "0000100 00000 aaaaa 100 ddddd 0111011", NULL, "d, a")	{ set(t, o->d, ir_zext(t, get(t, o->a), 16)); }
INSN(rol,    "0110000 bbbbb aaaaa 001 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_ROL); }
INSN(ror,    "0110000 bbbbb aaaaa 101 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_ROR); }
INSN(rori,   "011000 iiiiii aaaaa 101 ddddd 0010011", NULL, "d, a, h")	{ rotate(t, o); }
INSN(rolw,   "0110000 bbbbb aaaaa 001 ddddd 0111011", NULL, "d, a, b")	{ op32(t, o, IR_ROL); }
INSN(rorw,   "0110000 bbbbb aaaaa 101 ddddd 0111011", NULL, "d, a, b")	{ op32(t, o, IR_ROR); }
INSN(roriw,  "0110000 iiiii aaaaa 101 ddddd 0011011", NULL, "d, a, h")	{ rotate32(t, o); }
INSN(orc_b,  "001010000111 aaaaa 101 ddddd 0010011", NULL, "d, a")	{ set(t, o->d, ir_un(t, IR_ORCB, get(t, o->a))); }
INSN(rev8,   "011010111000 aaaaa 101 ddddd 0010011", NULL, "d, a")	{ set(t, o->d, ir_un(t, IR_BSWAP, get(t, o->a))); }
/* clang-format on */

/* The 128-bit product without carries of a and b. */
static u64 clmul128(u64 a, u64 b, u64 *ret_high)
{
	u64 low = 0, high = 0;

	for (u32 i = 0; i < 64; i++) {
		if (!(b >> i & 1))
			continue;
		low ^= a << i;
		high ^= i ? a >> (64 - i) : 0;
	}
	*ret_high = high;
	return low;
}

HELPER(riscv_clmul, HELPER_PURE)
{
	u64 high;

	return clmul128(a, b, &high);
}

HELPER(riscv_clmulh, HELPER_PURE)
{
	u64 high;

	clmul128(a, b, &high);
	return high;
}

HELPER(riscv_clmulr, HELPER_PURE)
{
	u64 high, low = clmul128(a, b, &high);

	return high << 1 | low >> 63;
}

static void clmul(struct ir *t, const struct operands *o, const struct ir_helper *h)
{
	set(t, o->d, ir_call(t, h, IR_I64, get(t, o->a), get(t, o->b), 0));
}

/* clang-format off */
#undef FEATURE
#define FEATURE RV_ZBC
INSN(clmul,  "0000101 bbbbb aaaaa 001 ddddd 0110011", NULL, "d, a, b")	{ clmul(t, o, &helper_riscv_clmul); }
INSN(clmulr, "0000101 bbbbb aaaaa 010 ddddd 0110011", NULL, "d, a, b")	{ clmul(t, o, &helper_riscv_clmulr); }
INSN(clmulh, "0000101 bbbbb aaaaa 011 ddddd 0110011", NULL, "d, a, b")	{ clmul(t, o, &helper_riscv_clmulh); }
