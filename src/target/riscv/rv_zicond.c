/* RISC-V conditional zero (Zicond 1.0): rd = rs1, or 0 by what rs2 is. */
#define FEATURE RV_ZICOND
#include "target/riscv/riscv.h"

/* clang-format off */
INSN(czero_eqz, "0000111 bbbbb aaaaa 101 ddddd 0110011", NULL, "d, a, b")	{ set(t, o->d, ir_select(t, get(t, o->b), get(t, o->a), ir_imm(t, 0))); }
INSN(czero_nez, "0000111 bbbbb aaaaa 111 ddddd 0110011", NULL, "d, a, b")	{ set(t, o->d, ir_select(t, get(t, o->b), ir_imm(t, 0), get(t, o->a))); }
