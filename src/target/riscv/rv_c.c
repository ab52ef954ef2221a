/* RISC-V compressed instructions (C, RV64 with D): unprivileged spec 20191213, ch. 16.
 *
 * Capital letters are three-bit registers (8..15).  RESERVED lines are the
 * encodings that the standard keeps back and are illegal; its hints (results
 * to x0) fall out of set().  In texts S = sp and capitals are f registers.
 */
#define FEATURE RV_C
#include "target/riscv/riscv.h"

/* Bits of w from `at`, `len` of them, moved to `to`. */
static inline u32 part(u32 w, u32 at, u32 len, u32 to)
{
	return (w >> at & ((1u << len) - 1)) << to;
}

static i64 imm_6(u32 w) { return sign_extend(part(w, 2, 5, 0) | part(w, 12, 1, 5), 6); }
static i64 imm_shift(u32 w) { return part(w, 2, 5, 0) | part(w, 12, 1, 5); }
static i64 imm_c_lui(u32 w) { return imm_6(w) * 4096; }
static i64 imm_4spn(u32 w) { return part(w, 6, 1, 2) | part(w, 5, 1, 3) | part(w, 11, 2, 4) | part(w, 7, 4, 6); }
static i64 imm_w(u32 w) { return part(w, 6, 1, 2) | part(w, 10, 3, 3) | part(w, 5, 1, 6); }
static i64 imm_d(u32 w) { return part(w, 10, 3, 3) | part(w, 5, 2, 6); }
static i64 imm_wsp(u32 w) { return part(w, 4, 3, 2) | part(w, 12, 1, 5) | part(w, 2, 2, 6); }
static i64 imm_dsp(u32 w) { return part(w, 5, 2, 3) | part(w, 12, 1, 5) | part(w, 2, 3, 6); }
static i64 imm_swsp(u32 w) { return part(w, 9, 4, 2) | part(w, 7, 2, 6); }
static i64 imm_sdsp(u32 w) { return part(w, 10, 3, 3) | part(w, 7, 3, 6); }
static i64 imm_16sp(u32 w)
{
	return sign_extend(part(w, 6, 1, 4) | part(w, 2, 1, 5) | part(w, 5, 1, 6) | part(w, 3, 2, 7) |
			   part(w, 12, 1, 9), 10);
}
static i64 imm_c_j(u32 w)
{
	return sign_extend(part(w, 3, 3, 1) | part(w, 11, 1, 4) | part(w, 2, 1, 5) | part(w, 7, 1, 6) |
			   part(w, 6, 1, 7) | part(w, 9, 2, 8) | part(w, 8, 1, 10) | part(w, 12, 1, 11), 12);
}
static i64 imm_c_b(u32 w)
{
	return sign_extend(part(w, 3, 2, 1) | part(w, 10, 2, 3) | part(w, 2, 1, 5) | part(w, 5, 2, 6) |
			   part(w, 12, 1, 8), 9);
}

static ir_ref sp_plus(struct ir *t, i64 offset)
{
	return ir_add(t, get(t, REG_SP), ir_imm(t, offset));
}

/* clang-format off */
/* quadrant 0 */
INSN(c_unimp,    "000 00000000 000 00", NULL,     "")		{ illegal(t); }
RESERVED(c_addi4spn_0, "000 00000000 ... 00")
INSN(c_addi4spn, "000 iiiiiiii DDD 00", imm_4spn, "d, S, i")	{ set(t, o->d, sp_plus(t, o->imm)); }
INSN(c_lw,       "010 iii AAA ii DDD 00", imm_w,  "d, i(a)")	{ set(t, o->d, load(t, o, IR_I64, MEM_S32)); }
INSN(c_ld,       "011 iii AAA ii DDD 00", imm_d,  "d, i(a)")	{ set(t, o->d, load(t, o, IR_I64, MEM_64)); }
INSN(c_sw,       "110 iii AAA ii BBB 00", imm_w,  "b, i(a)")	{ store(t, o, get(t, o->b), MEM_32); }
INSN(c_sd,       "111 iii AAA ii BBB 00", imm_d,  "b, i(a)")	{ store(t, o, get(t, o->b), MEM_64); }

/* quadrant 1 */
INSN(c_nop,      "000 i 00000 iiiii 01", imm_6,   "")		{ }
INSN(c_addi,     "000 i ddddd iiiii 01", imm_6,   "d, i")	{ set(t, o->d, ir_add(t, get(t, o->d), ir_imm(t, o->imm))); }
RESERVED(c_addiw_0, "001 . 00000 ..... 01")
INSN(c_addiw,    "001 i ddddd iiiii 01", imm_6,   "d, i")	{ set32(t, o->d, ir_add(t, get32(t, o->d), imm32(t, o->imm))); }
INSN(c_li,       "010 i ddddd iiiii 01", imm_6,   "d, i")	{ set(t, o->d, ir_imm(t, o->imm)); }
RESERVED(c_lui_0, "011 0 ..... 00000 01")
INSN(c_addi16sp, "011 i 00010 iiiii 01", imm_16sp, "S, i")	{ set(t, REG_SP, sp_plus(t, o->imm)); }
INSN(c_lui,      "011 i ddddd iiiii 01", imm_c_lui, "d, u")	{ set(t, o->d, ir_imm(t, o->imm)); }
INSN(c_srli,     "100 i 00 DDD iiiii 01", imm_shift, "d, h")	{ set(t, o->d, ir_shr(t, get(t, o->d), ir_imm(t, o->imm))); }
INSN(c_srai,     "100 i 01 DDD iiiii 01", imm_shift, "d, h")	{ set(t, o->d, ir_sar(t, get(t, o->d), ir_imm(t, o->imm))); }
INSN(c_andi,     "100 i 10 DDD iiiii 01", imm_6,  "d, i")	{ set(t, o->d, ir_and(t, get(t, o->d), ir_imm(t, o->imm))); }
INSN(c_sub,      "100 0 11 DDD 00 BBB 01", NULL,  "d, b")	{ set(t, o->d, ir_sub(t, get(t, o->d), get(t, o->b))); }
INSN(c_xor,      "100 0 11 DDD 01 BBB 01", NULL,  "d, b")	{ set(t, o->d, ir_xor(t, get(t, o->d), get(t, o->b))); }
INSN(c_or,       "100 0 11 DDD 10 BBB 01", NULL,  "d, b")	{ set(t, o->d, ir_or(t, get(t, o->d), get(t, o->b))); }
INSN(c_and,      "100 0 11 DDD 11 BBB 01", NULL,  "d, b")	{ set(t, o->d, ir_and(t, get(t, o->d), get(t, o->b))); }
INSN(c_subw,     "100 1 11 DDD 00 BBB 01", NULL,  "d, b")	{ set32(t, o->d, ir_sub(t, get32(t, o->d), get32(t, o->b))); }
INSN(c_addw,     "100 1 11 DDD 01 BBB 01", NULL,  "d, b")	{ set32(t, o->d, ir_add(t, get32(t, o->d), get32(t, o->b))); }
INSN(c_j,        "101 iiiiiiiiiii 01", imm_c_j,   "p")		{ riscv_jump(t, 0, o->imm); }
INSN(c_beqz,     "110 iii AAA iiiii 01", imm_c_b, "a, p")	{ riscv_branch(t, CC_EQ, get(t, o->a), ir_imm(t, 0), o->imm); }
INSN(c_bnez,     "111 iii AAA iiiii 01", imm_c_b, "a, p")	{ riscv_branch(t, CC_NE, get(t, o->a), ir_imm(t, 0), o->imm); }

/* quadrant 2 */
INSN(c_slli,     "000 i ddddd iiiii 10", imm_shift, "d, h")	{ set(t, o->d, ir_shl(t, get(t, o->d), ir_imm(t, o->imm))); }
RESERVED(c_lwsp_0, "010 . 00000 ..... 10")
INSN(c_lwsp,     "010 i ddddd iiiii 10", imm_wsp, "d, i(S)")	{ set(t, o->d, ir_load_at(t, IR_I64, get(t, REG_SP), o->imm, MEM_S32)); }
RESERVED(c_ldsp_0, "011 . 00000 ..... 10")
INSN(c_ldsp,     "011 i ddddd iiiii 10", imm_dsp, "d, i(S)")	{ set(t, o->d, ir_load_at(t, IR_I64, get(t, REG_SP), o->imm, MEM_64)); }
RESERVED(c_jr_0, "100 0 00000 00000 10")
INSN(c_jr,       "100 0 aaaaa 00000 10", NULL,    "a")		{ riscv_jump_register(t, 0, o->a, 0); }
INSN(c_mv,       "100 0 ddddd bbbbb 10", NULL,    "d, b")	{ set(t, o->d, get(t, o->b)); }
INSN(c_ebreak,   "100 1 00000 00000 10", NULL,    "")		{ ir_raise(t, EXIT_BREAK, t->pc); }
INSN(c_jalr,     "100 1 aaaaa 00000 10", NULL,    "a")		{ riscv_jump_register(t, REG_RA, o->a, 0); }
INSN(c_add,      "100 1 ddddd bbbbb 10", NULL,    "d, b")	{ set(t, o->d, ir_add(t, get(t, o->d), get(t, o->b))); }
INSN(c_swsp,     "110 iiiiii bbbbb 10", imm_swsp, "b, i(S)")	{ ir_store_at(t, get(t, REG_SP), o->imm, get(t, o->b), MEM_32); }
INSN(c_sdsp,     "111 iiiiii bbbbb 10", imm_sdsp, "b, i(S)")	{ ir_store_at(t, get(t, REG_SP), o->imm, get(t, o->b), MEM_64); }

#undef FEATURE
#define FEATURE (RV_C | RV_D)
INSN(c_fld,      "001 iii AAA ii DDD 00", imm_d,  "D, i(a)")	{ setd(t, o->d, load(t, o, IR_F64, MEM_64)); }
INSN(c_fsd,      "101 iii AAA ii BBB 00", imm_d,  "B, i(a)")	{ store(t, o, getd(t, o->b), MEM_64); }
INSN(c_fldsp,    "001 i ddddd iiiii 10", imm_dsp, "D, i(S)")	{ setd(t, o->d, ir_load_at(t, IR_F64, get(t, REG_SP), o->imm, MEM_64)); }
INSN(c_fsdsp,    "101 iiiiii bbbbb 10", imm_sdsp, "B, i(S)")	{ ir_store_at(t, get(t, REG_SP), o->imm, getd(t, o->b), MEM_64); }
