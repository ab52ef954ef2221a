/* RISC-V multiplication and division (M): unprivileged spec 20191213, ch. 7.
 *
 * Division never traps: x / 0 is -1, x % 0 is x, and the overflowing quotient
 * is the dividend; ir_bin's DIV_RISCV rule is just this.
 */
#define FEATURE RV_M
#include "target/riscv/riscv.h"

static void op(struct ir *t, const struct operands *o, enum ir_op which)
{
	set(t, o->d, ir_bin(t, which, get(t, o->a), get(t, o->b)));
}

static void op32(struct ir *t, const struct operands *o, enum ir_op which)
{
	set32(t, o->d, ir_bin(t, which, get32(t, o->a), get32(t, o->b)));
}

/* clang-format off */
INSN(mul,    "0000001 bbbbb aaaaa 000 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_MUL); }
INSN(mulh,   "0000001 bbbbb aaaaa 001 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_MULHS); }
INSN(mulhsu, "0000001 bbbbb aaaaa 010 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_MULHSU); }
INSN(mulhu,  "0000001 bbbbb aaaaa 011 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_MULHU); }
INSN(div,    "0000001 bbbbb aaaaa 100 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_DIVS); }
INSN(divu,   "0000001 bbbbb aaaaa 101 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_DIVU); }
INSN(rem,    "0000001 bbbbb aaaaa 110 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_REMS); }
INSN(remu,   "0000001 bbbbb aaaaa 111 ddddd 0110011", NULL, "d, a, b")	{ op(t, o, IR_REMU); }
INSN(mulw,   "0000001 bbbbb aaaaa 000 ddddd 0111011", NULL, "d, a, b")	{ op32(t, o, IR_MUL); }
INSN(divw,   "0000001 bbbbb aaaaa 100 ddddd 0111011", NULL, "d, a, b")	{ op32(t, o, IR_DIVS); }
INSN(divuw,  "0000001 bbbbb aaaaa 101 ddddd 0111011", NULL, "d, a, b")	{ op32(t, o, IR_DIVU); }
INSN(remw,   "0000001 bbbbb aaaaa 110 ddddd 0111011", NULL, "d, a, b")	{ op32(t, o, IR_REMS); }
INSN(remuw,  "0000001 bbbbb aaaaa 111 ddddd 0111011", NULL, "d, a, b")	{ op32(t, o, IR_REMU); }
