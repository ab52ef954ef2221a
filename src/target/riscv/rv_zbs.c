/* RISC-V single-bit instructions (Zbs): bit-manipulation spec 1.0.0.
 * Bit numbers are taken modulo 64, as ir_shl does.
 */
#define FEATURE RV_ZBS
#include "target/riscv/riscv.h"

static ir_ref mask(struct ir *t, ir_ref bit)
{
	return ir_shl(t, ir_imm(t, 1), bit);
}

static void op(struct ir *t, const struct operands *o, enum ir_op which, ir_ref bit)
{
	set(t, o->d, ir_bin(t, which, get(t, o->a), mask(t, bit)));
}

static void extract(struct ir *t, const struct operands *o, ir_ref bit)
{
	set(t, o->d, ir_and(t, ir_shr(t, get(t, o->a), bit), ir_imm(t, 1)));
}

/* clang-format off */
INSN(bclr,  "0100100 bbbbb aaaaa 001 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_ANDN, get(t, o->b)); }
INSN(bclri, "010010 iiiiii aaaaa 001 ddddd 0010011", NULL, "d, a, h")	{ op(t, o, IR_ANDN, ir_imm(t, o->imm)); }
INSN(bext,  "0100100 bbbbb aaaaa 101 ddddd 0110011", NULL, "d, a, b")	{ extract(t, o, get(t, o->b)); }
INSN(bexti, "010010 iiiiii aaaaa 101 ddddd 0010011", NULL, "d, a, h")	{ extract(t, o, ir_imm(t, o->imm)); }
INSN(binv,  "0110100 bbbbb aaaaa 001 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_XOR, get(t, o->b)); }
INSN(binvi, "011010 iiiiii aaaaa 001 ddddd 0010011", NULL, "d, a, h")	{ op(t, o, IR_XOR, ir_imm(t, o->imm)); }
INSN(bset,  "0010100 bbbbb aaaaa 001 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_OR, get(t, o->b)); }
INSN(bseti, "001010 iiiiii aaaaa 001 ddddd 0010011", NULL, "d, a, h")	{ op(t, o, IR_OR, ir_imm(t, o->imm)); }
