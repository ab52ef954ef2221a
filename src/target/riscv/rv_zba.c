/* RISC-V address generation (Zba): bit-manipulation spec 1.0.0. */
#define FEATURE RV_ZBA
#include "target/riscv/riscv.h"

static void shift_add(struct ir *t, const struct operands *o, ir_ref index, u32 shift)
{
	set(t, o->d, ir_add(t, ir_shl(t, index, ir_imm(t, shift)), get(t, o->b)));
}

static ir_ref word(struct ir *t, u32 r)
{
	return ir_zext(t, get(t, r), 32);
}

static void shift_word(struct ir *t, const struct operands *o)
{
	set(t, o->d, ir_shl(t, word(t, o->a), ir_imm(t, o->imm)));
}

/* clang-format off */
INSN(add_uw,    "0000100 bbbbb aaaaa 000 ddddd 0111011", NULL, "d, a, b")	{ shift_add(t, o, word(t, o->a), 0); }
INSN(sh1add,    "0010000 bbbbb aaaaa 010 ddddd 0110011", NULL, "d, a, b")	{ shift_add(t, o, get(t, o->a), 1); }
INSN(sh2add,    "0010000 bbbbb aaaaa 100 ddddd 0110011", NULL, "d, a, b")	{ shift_add(t, o, get(t, o->a), 2); }
INSN(sh3add,    "0010000 bbbbb aaaaa 110 ddddd 0110011", NULL, "d, a, b")	{ shift_add(t, o, get(t, o->a), 3); }
INSN(sh1add_uw, "0010000 bbbbb aaaaa 010 ddddd 0111011", NULL, "d, a, b")	{ shift_add(t, o, word(t, o->a), 1); }
INSN(sh2add_uw, "0010000 bbbbb aaaaa 100 ddddd 0111011", NULL, "d, a, b")	{ shift_add(t, o, word(t, o->a), 2); }
INSN(sh3add_uw, "0010000 bbbbb aaaaa 110 ddddd 0111011", NULL, "d, a, b")	{ shift_add(t, o, word(t, o->a), 3); }
INSN(slli_uw,   "000010 iiiiii aaaaa 001 ddddd 0011011", NULL, "d, a, h")	{ shift_word(t, o); }
