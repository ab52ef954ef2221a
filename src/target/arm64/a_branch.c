/* A64 branches, exception generation, hints and barriers (DDI 0487, C4.1.87 and C4.1.88).
 *
 * Letters: i = offset or immediate, d = Rt, a = Rn, m = cond, s z = bit number.
 * Branches with pointer authentication are in a_pauth.c.  WFE, WFI, YIELD and
 * the hints of BTI and PAuth that are off do nothing.
 */
#define FEATURE ARM_BASE
#include "target/arm64/arm64.h"

static i64 imm26(u32 w) { return (i64)((i32)(w << 6) >> 6) * 4; }
static i64 imm19(u32 w) { return (i64)((i32)(w << 8) >> 13) * 4; }
static i64 imm14(u32 w) { return (i64)((i32)(w << 13) >> 18) * 4; }

static u64 target_of(const struct ir *t, const struct operands *o)
{
	return t->pc + (u64)o->imm;
}

static void link(struct ir *t)
{
	setx(t, REG_LR, ir_imm(t, (i64)t->next_pc));
}

static void branch_zero(struct ir *t, const struct operands *o, enum ir_cc cc)
{
	ir_branch(t, cc, getr(t, o->x, o->d), immr(t, o->x, 0), target_of(t, o));
}

static void branch_bit(struct ir *t, const struct operands *o, enum ir_cc cc)
{
	u32 bit = (u32)o->z << 5 | o->s;

	if (bit == 63)	/* the sign */
		ir_branch(t, cc == CC_EQ ? CC_GE : CC_LT, getx(t, o->d), ir_imm(t, 0), target_of(t, o));
	else if (bit == 31)
		ir_branch(t, cc == CC_EQ ? CC_GE : CC_LT, getw(t, o->d), ir_const(t, IR_I32, 0), target_of(t, o));
	else
		ir_branch(t, cc, ir_and(t, getx(t, o->d), ir_imm(t, (i64)(1ull << bit))), ir_imm(t, 0),
				target_of(t, o));
}

HELPER(arm64_clrex, HELPER_PURE)
{
	((struct vcpu *)vcpu)->excl_addr = ~0ull;
	return 0;
}

/* clang-format off */
INSN(b,        "000101 iiiiiiiiiiiiiiiiiiiiiiiiii",        imm26, "p")		{ ir_goto(t, target_of(t, o)); }
INSN(bl,       "100101 iiiiiiiiiiiiiiiiiiiiiiiiii",        imm26, "p")		{ link(t); ir_goto(t, target_of(t, o)); }
INSN(b_cond,   "0101010 0 iiiiiiiiiiiiiiiiiii 0 mmmm",     imm19, "h, p")	{ ir_branch_flags(t, o->m, getflags(t), target_of(t, o)); }
INSN(cbz,      "x 011010 0 iiiiiiiiiiiiiiiiiii ddddd",     imm19, "d, p")	{ branch_zero(t, o, CC_EQ); }
INSN(cbnz,     "x 011010 1 iiiiiiiiiiiiiiiiiii ddddd",     imm19, "d, p")	{ branch_zero(t, o, CC_NE); }
INSN(tbz,      "z 011011 0 sssss iiiiiiiiiiiiii ddddd",    imm14, "d, s, p")	{ branch_bit(t, o, CC_EQ); }
INSN(tbnz,     "z 011011 1 sssss iiiiiiiiiiiiii ddddd",    imm14, "d, s, p")	{ branch_bit(t, o, CC_NE); }
INSN(br,       "1101011 0000 11111 000000 aaaaa 00000",    NULL, "y")		{ ir_jump(t, getx(t, o->a), JUMP_PLAIN); }
INSN(blr,      "1101011 0001 11111 000000 aaaaa 00000",    NULL, "y")
{
	ir_ref to = getx(t, o->a);

	link(t);
	ir_jump(t, to, JUMP_CALL);
}
INSN(ret,      "1101011 0010 11111 000000 aaaaa 00000",    NULL, "y")		{ ir_jump(t, getx(t, o->a), JUMP_RET); }

INSN(svc,      "11010100 000 iiiiiiiiiiiiiiii 00001",      NULL, "u")		{ ir_raise(t, EXIT_SYSCALL, t->pc); }
INSN(brk,      "11010100 001 iiiiiiiiiiiiiiii 00000",      NULL, "u")		{ ir_raise(t, EXIT_BREAK, t->pc); }
INSN(udf,      "0000000000000000 iiiiiiiiiiiiiiii",        NULL, "u")		{ illegal(t); }

INSN(hint,     "11010101000000110010 iiiiiii 11111",       NULL, "u")		{ }
INSN(clrex,    "11010101000000110011 .... 010 11111",      NULL, "")		{ ir_call(t, &helper_arm64_clrex, IR_I64, 0, 0, 0); }
/* A store before must be seen before a load after: not with the kinds ...LD (x = 01) and ...ST (10). */
INSN(dsb,      "11010101000000110011 .... 100 11111",      NULL, "")		{ ir_fence(t, true); }
INSN(dmb,      "11010101000000110011 ..xx 101 11111",      NULL, "")		{ ir_fence(t, o->x == 3 || o->x == 0); }
INSN(isb,      "11010101000000110011 .... 110 11111",      NULL, "")		{ ir_fence(t, true); ir_goto(t, t->next_pc); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_HBC
/* clang-format off */
INSN(bc_cond,  "0101010 0 iiiiiiiiiiiiiiiiiii 1 mmmm",     imm19, "h, p")	{ ir_branch_flags(t, o->m, getflags(t), target_of(t, o)); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_SB
/* clang-format off */
INSN(sb,       "11010101000000110011 0000 111 11111",      NULL, "")		{ }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_WFXT
/* clang-format off */
INSN(wfet,     "11010101000000110001 0000 000 ddddd",      NULL, "x")		{ }
INSN(wfit,     "11010101000000110001 0000 001 ddddd",      NULL, "x")		{ }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_FLAGM

/* Bits of Rn, rotated right by i, into those of N Z C V that s names. */
static void rotate_into_flags(struct ir *t, const struct operands *o)
{
	ir_ref v = ir_bin(t, IR_ROR, getx(t, o->a), ir_imm(t, o->imm)), old = ir_flags_get(t, getflags(t));

	v = ir_or(t, ir_and(t, v, ir_imm(t, o->s)), ir_and(t, old, ir_imm(t, ~o->s & 15)));
	setflags(t, ir_flags_set(t, v));
}

/* N Z of the low bits, V = top bit differs from the one above it, C stays. */
static void set_by_width(struct ir *t, const struct operands *o, u32 bits)
{
	ir_ref v = getx(t, o->a), c = ir_and(t, ir_flags_get(t, getflags(t)), ir_imm(t, 2)), n, z, x;

	n = ir_and(t, ir_bin(t, IR_SHR, v, ir_imm(t, bits - 1)), ir_imm(t, 1));
	z = ir_setcc(t, CC_EQ, ir_zext(t, v, bits), ir_imm(t, 0));
	x = ir_and(t, ir_bin(t, IR_SHR, ir_xor(t, v, ir_bin(t, IR_SHR, v, ir_imm(t, 1))), ir_imm(t, bits - 1)),
			ir_imm(t, 1));
	v = ir_or(t, ir_shl(t, n, ir_imm(t, 3)), ir_shl(t, z, ir_imm(t, 2)));
	setflags(t, ir_flags_set(t, ir_or(t, ir_or(t, v, c), x)));
}

static u32 invert_c(u32 nzcv) { return nzcv ^ 2; }

/* The form that other processors' comparisons have to Arm's, and back (C6.2, XAFLAG and AXFLAG). */
static u32 from_other(u32 nzcv)
{
	bool z = nzcv & 4, c = nzcv & 2;

	return (!c && !z ? 8 : 0) | (z && c ? 4 : 0) | (c || z ? 2 : 0) | (!c && z ? 1 : 0);
}

static u32 to_other(u32 nzcv)
{
	bool z = nzcv & 4, c = nzcv & 2, v = nzcv & 1;

	return (z || v ? 4 : 0) | (c && !v ? 2 : 0);
}

/* By a table of 16 results of four bits. */
static void map_flags(struct ir *t, u32 (*f)(u32 nzcv))
{
	ir_ref old = ir_flags_get(t, getflags(t));
	u64 table = 0;

	for (u32 i = 0; i < 16; i++)
		table |= (u64)f(i) << i * 4;

	old = ir_bin(t, IR_SHR, ir_imm(t, (i64)table), ir_shl(t, old, ir_imm(t, 2)));
	setflags(t, ir_flags_set(t, ir_and(t, old, ir_imm(t, 15))));
}

/* clang-format off */
INSN(rmif,     "1 01 11010000 iiiiii 00001 aaaaa 0 ssss",  NULL, "y, i, s")	{ rotate_into_flags(t, o); }
INSN(setf8,    "0 01 11010000 000000 0 0010 aaaaa 0 1101", NULL, "r")		{ set_by_width(t, o, 8); }
INSN(setf16,   "0 01 11010000 000000 1 0010 aaaaa 0 1101", NULL, "r")		{ set_by_width(t, o, 16); }
INSN(cfinv,    "11010101000000000100 0000 000 11111",      NULL, "")		{ map_flags(t, invert_c); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_FLAGM2
/* clang-format off */
INSN(xaflag,   "11010101000000000100 0000 001 11111",      NULL, "")		{ map_flags(t, from_other); }
INSN(axflag,   "11010101000000000100 0000 010 11111",      NULL, "")		{ map_flags(t, to_other); }
/* clang-format on */
