/* RISC-V atomics (A): unprivileged spec 20191213, ch. 8.
 *
 * Each AMO is one IR operation, sequentially consistent, so aq and rl ask for
 * nothing more.  Misaligned addresses fault, as on common hardware.  An SC
 * fails unless it is to the address of the last LR and memory still holds what
 * that LR read.  Letters: x = aq rl.
 */
#define FEATURE RV_A
#include "target/riscv/riscv.h"

enum { WORD = MEM_S32 | MEM_ALIGNED, DOUBLE = MEM_64 | MEM_ALIGNED };

static void amo(struct ir *t, const struct operands *o, enum ir_amo kind, u32 mem)
{
	set(t, o->d, ir_amo(t, kind, get(t, o->a), get(t, o->b), mem));
}

static void store_conditional(struct ir *t, const struct operands *o, u32 mem)
{
	set(t, o->d, ir_sc(t, get(t, o->a), get(t, o->b), mem));
}

/* clang-format off */
INSN(lr_w,      "00010 xx 00000 aaaaa 010 ddddd 0101111", NULL, ".o d, (a)")	{ set(t, o->d, ir_ll(t, get(t, o->a), WORD)); }
INSN(lr_d,      "00010 xx 00000 aaaaa 011 ddddd 0101111", NULL, ".o d, (a)")	{ set(t, o->d, ir_ll(t, get(t, o->a), DOUBLE)); }
INSN(sc_w,      "00011 xx bbbbb aaaaa 010 ddddd 0101111", NULL, ".o d, b, (a)")	{ store_conditional(t, o, WORD); }
INSN(sc_d,      "00011 xx bbbbb aaaaa 011 ddddd 0101111", NULL, ".o d, b, (a)")	{ store_conditional(t, o, DOUBLE); }

INSN(amoswap_w, "00001 xx bbbbb aaaaa 010 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_SWAP, WORD); }
INSN(amoadd_w,  "00000 xx bbbbb aaaaa 010 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_ADD, WORD); }
INSN(amoxor_w,  "00100 xx bbbbb aaaaa 010 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_XOR, WORD); }
INSN(amoand_w,  "01100 xx bbbbb aaaaa 010 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_AND, WORD); }
INSN(amoor_w,   "01000 xx bbbbb aaaaa 010 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_OR, WORD); }
INSN(amomin_w,  "10000 xx bbbbb aaaaa 010 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_MINS, WORD); }
INSN(amomax_w,  "10100 xx bbbbb aaaaa 010 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_MAXS, WORD); }
INSN(amominu_w, "11000 xx bbbbb aaaaa 010 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_MINU, WORD); }
INSN(amomaxu_w, "11100 xx bbbbb aaaaa 010 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_MAXU, WORD); }
INSN(amoswap_d, "00001 xx bbbbb aaaaa 011 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_SWAP, DOUBLE); }
INSN(amoadd_d,  "00000 xx bbbbb aaaaa 011 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_ADD, DOUBLE); }
INSN(amoxor_d,  "00100 xx bbbbb aaaaa 011 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_XOR, DOUBLE); }
INSN(amoand_d,  "01100 xx bbbbb aaaaa 011 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_AND, DOUBLE); }
INSN(amoor_d,   "01000 xx bbbbb aaaaa 011 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_OR, DOUBLE); }
INSN(amomin_d,  "10000 xx bbbbb aaaaa 011 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_MINS, DOUBLE); }
INSN(amomax_d,  "10100 xx bbbbb aaaaa 011 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_MAXS, DOUBLE); }
INSN(amominu_d, "11000 xx bbbbb aaaaa 011 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_MINU, DOUBLE); }
INSN(amomaxu_d, "11100 xx bbbbb aaaaa 011 ddddd 0101111", NULL, ".o d, b, (a)")	{ amo(t, o, AMO_MAXU, DOUBLE); }
