/* RISC-V cache-block operations (Zicboz, Zicbom, Zicbop; CMO spec 1.0).
 *
 * Blocks are 64 bytes.  cbo.zero stores zeros; clean and flush only check that
 * the block may be read, there being no cache to see.  cbo.inval is not
 * for user mode (Linux leaves it off): illegal.  Prefetches are hints and do nothing.
 */
#define FEATURE RV_ZICBOZ
#include "target/riscv/riscv.h"

static ir_ref block(struct ir *t, const struct operands *o)
{
	return ir_and(t, get(t, o->a), ir_imm(t, -(i64)RISCV_CBO_BYTES));
}

static void zero(struct ir *t, const struct operands *o)
{
	ir_ref base = block(t, o);

	for (u32 i = 0; i < RISCV_CBO_BYTES; i += 8)
		ir_store(t, ir_add(t, base, ir_imm(t, i)), ir_imm(t, 0), MEM_64);
}

static i64 imm_prefetch(u32 w) { return imm_s(w) & ~31ll; }

/* clang-format off */
INSN(cbo_zero,   "000000000100 aaaaa 010 00000 0001111", NULL, "(a)")	{ zero(t, o); }

#undef FEATURE
#define FEATURE RV_ZICBOM
INSN(cbo_clean,  "000000000001 aaaaa 010 00000 0001111", NULL, "(a)")	{ ir_load(t, IR_I64, block(t, o), MEM_8); }
INSN(cbo_flush,  "000000000010 aaaaa 010 00000 0001111", NULL, "(a)")	{ ir_load(t, IR_I64, block(t, o), MEM_8); }
INSN(cbo_inval,  "000000000000 aaaaa 010 00000 0001111", NULL, "(a)")	{ illegal(t); }

#undef FEATURE
#define FEATURE RV_ZICBOP
INSN(prefetch_i, "iiiiiii 00000 aaaaa 110 00000 0010011", imm_prefetch, "i(a)")	{ }
INSN(prefetch_r, "iiiiiii 00001 aaaaa 110 00000 0010011", imm_prefetch, "i(a)")	{ }
INSN(prefetch_w, "iiiiiii 00011 aaaaa 110 00000 0010011", imm_prefetch, "i(a)")	{ }
