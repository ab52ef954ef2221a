/* RISC-V conditional zero (Zicond 1.0): rd = rs1, or 0 by what rs2 is. */
#define FEATURE RV_ZICOND
#include "target/riscv/riscv.h"

static ir_ref zero(struct ir *t)
{
	return ir_imm(t, 0);
}

static void choose(struct ir *t, const struct operands *o, ir_ref if_not_zero, ir_ref if_zero)
{
	set(t, o->d, ir_select(t, get(t, o->b), if_not_zero, if_zero));
}

/* clang-format off */
INSN(czero_eqz, "0000111 bbbbb aaaaa 101 ddddd 0110011", NULL, "d, a, b")	{ choose(t, o, get(t, o->a), zero(t)); }
INSN(czero_nez, "0000111 bbbbb aaaaa 111 ddddd 0110011", NULL, "d, a, b")	{ choose(t, o, zero(t), get(t, o->a)); }
