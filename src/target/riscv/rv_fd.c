/* RISC-V single and double precision (F, D): unprivileged spec 20191213, ch. 11 and 12.
 *
 * FLEN is 64: a single lives NaN-boxed in an f register; getf() unboxes (what
 * is not boxed reads as the default NaN), setf() boxes.  Moves and stores take
 * the low bits as they are.  Flags, NaN results and the limits of conversions
 * are the IR's by fp_rules_riscv.
 * Letters: D A B C in texts = f registers, m = rounding mode.  A reserved
 * rounding mode is illegal, also by way of frm.
 */
#define FEATURE RV_F
#include "target/riscv/riscv.h"

/* The rounding mode of this instruction; false: it is illegal, and that is raised. */
static bool rounding(struct ir *t, const struct operands *o, u32 *ret_rm)
{
	u32 rm = o->m == 7 ? t->mode & 7 : o->m;

	if (rm > FP_RMM) {
		illegal(t);
		return false;
	}
	*ret_rm = rm;
	return true;
}

static void arith_s(struct ir *t, const struct operands *o, enum ir_op op)
{
	u32 rm;

	if (rounding(t, o, &rm))
		setf(t, o->d, ir_fbin(t, op, getf(t, o->a), getf(t, o->b), rm));
}

static void arith_d(struct ir *t, const struct operands *o, enum ir_op op)
{
	u32 rm;

	if (rounding(t, o, &rm))
		setd(t, o->d, ir_fbin(t, op, getd(t, o->a), getd(t, o->b), rm));
}

static void fma_s(struct ir *t, const struct operands *o, u32 neg)
{
	u32 rm;

	if (rounding(t, o, &rm))
		setf(t, o->d, ir_fma(t, getf(t, o->a), getf(t, o->b), getf(t, o->c), rm, neg));
}

static void fma_d(struct ir *t, const struct operands *o, u32 neg)
{
	u32 rm;

	if (rounding(t, o, &rm))
		setd(t, o->d, ir_fma(t, getd(t, o->a), getd(t, o->b), getd(t, o->c), rm, neg));
}

/* To an integer: words are sign-extended, unsigned ones too. */
static void to_int(struct ir *t, const struct operands *o, ir_ref v, enum ir_type type, bool is_unsigned)
{
	u32 rm;

	if (!rounding(t, o, &rm))
		return;
	v = ir_ftoi(t, type, v, rm, is_unsigned);
	if (type == IR_I32)
		set32(t, o->d, v);
	else
		set(t, o->d, v);
}

static void from_int_s(struct ir *t, const struct operands *o, ir_ref v, bool is_unsigned)
{
	u32 rm;

	if (rounding(t, o, &rm))
		setf(t, o->d, ir_itof(t, IR_F32, v, rm, is_unsigned));
}

static void from_int_d(struct ir *t, const struct operands *o, ir_ref v, bool is_unsigned)
{
	u32 rm;

	if (rounding(t, o, &rm))
		setd(t, o->d, ir_itof(t, IR_F64, v, rm, is_unsigned));
}

static void sqrt_s(struct ir *t, const struct operands *o)
{
	u32 rm;

	if (rounding(t, o, &rm))
		setf(t, o->d, ir_fsqrt(t, getf(t, o->a), rm));
}

static void sqrt_d(struct ir *t, const struct operands *o)
{
	u32 rm;

	if (rounding(t, o, &rm))
		setd(t, o->d, ir_fsqrt(t, getd(t, o->a), rm));
}

static void double_to_single(struct ir *t, const struct operands *o)
{
	u32 rm;

	if (rounding(t, o, &rm))
		setf(t, o->d, ir_fcvt(t, IR_F32, getd(t, o->a), rm));
}

static void single_to_double(struct ir *t, const struct operands *o)
{
	u32 rm;

	if (rounding(t, o, &rm))
		setd(t, o->d, ir_fcvt(t, IR_F64, getf(t, o->a), rm));
}

static void minmax_s(struct ir *t, const struct operands *o, enum ir_op op)
{
	setf(t, o->d, ir_fbin(t, op, getf(t, o->a), getf(t, o->b), FP_RNE));
}

static void minmax_d(struct ir *t, const struct operands *o, enum ir_op op)
{
	setd(t, o->d, ir_fbin(t, op, getd(t, o->a), getd(t, o->b), FP_RNE));
}

static void sign_s(struct ir *t, const struct operands *o, enum ir_sgn how)
{
	setf(t, o->d, ir_fsgn(t, how, getf(t, o->a), getf(t, o->b)));
}

static void sign_d(struct ir *t, const struct operands *o, enum ir_sgn how)
{
	setd(t, o->d, ir_fsgn(t, how, getd(t, o->a), getd(t, o->b)));
}

static void compare_s(struct ir *t, const struct operands *o, enum ir_fcmp how)
{
	set(t, o->d, ir_fcmp(t, how, getf(t, o->a), getf(t, o->b), how == FCMP_EQ));
}

static void compare_d(struct ir *t, const struct operands *o, enum ir_fcmp how)
{
	set(t, o->d, ir_fcmp(t, how, getd(t, o->a), getd(t, o->b), how == FCMP_EQ));
}

static ir_ref bits(struct ir *t, u32 r)
{
	return ir_bitcast(t, IR_I64, getd(t, r));
}

/* Stored as they are, boxed or not; what this block boxed is stored as a single. */
static void store_single(struct ir *t, const struct operands *o)
{
	ir_ref v = getd(t, o->b);

	v = t->ins[v].op == IR_BOX ? t->ins[v].a : bits(t, o->b);
	store(t, o, v, MEM_32);
}

/* clang-format off */
INSN(flw,       "iiiiiiiiiiii aaaaa 010 ddddd 0000111",  imm_i, "D, i(a)")	{ setf(t, o->d, load(t, o, IR_F32, MEM_32)); }
INSN(fsw,       "iiiiiii bbbbb aaaaa 010 iiiii 0100111", imm_s, "B, i(a)")	{ store_single(t, o); }
INSN(fmadd_s,   "ccccc 00 bbbbb aaaaa mmm ddddd 1000011", NULL, "D, A, B, Cm")	{ fma_s(t, o, 0); }
INSN(fmsub_s,   "ccccc 00 bbbbb aaaaa mmm ddddd 1000111", NULL, "D, A, B, Cm")	{ fma_s(t, o, FMA_NEG_ADDEND); }
INSN(fnmsub_s,  "ccccc 00 bbbbb aaaaa mmm ddddd 1001011", NULL, "D, A, B, Cm")	{ fma_s(t, o, FMA_NEG_PRODUCT); }
INSN(fnmadd_s,  "ccccc 00 bbbbb aaaaa mmm ddddd 1001111", NULL, "D, A, B, Cm")	{ fma_s(t, o, FMA_NEG_PRODUCT | FMA_NEG_ADDEND); }
INSN(fadd_s,    "0000000 bbbbb aaaaa mmm ddddd 1010011", NULL, "D, A, Bm")	{ arith_s(t, o, IR_FADD); }
INSN(fsub_s,    "0000100 bbbbb aaaaa mmm ddddd 1010011", NULL, "D, A, Bm")	{ arith_s(t, o, IR_FSUB); }
INSN(fmul_s,    "0001000 bbbbb aaaaa mmm ddddd 1010011", NULL, "D, A, Bm")	{ arith_s(t, o, IR_FMUL); }
INSN(fdiv_s,    "0001100 bbbbb aaaaa mmm ddddd 1010011", NULL, "D, A, Bm")	{ arith_s(t, o, IR_FDIV); }
INSN(fsqrt_s,   "0101100 00000 aaaaa mmm ddddd 1010011", NULL, "D, Am")		{ sqrt_s(t, o); }
INSN(fsgnj_s,   "0010000 bbbbb aaaaa 000 ddddd 1010011", NULL, "D, A, B")	{ sign_s(t, o, SGN_COPY); }
INSN(fsgnjn_s,  "0010000 bbbbb aaaaa 001 ddddd 1010011", NULL, "D, A, B")	{ sign_s(t, o, SGN_NEG); }
INSN(fsgnjx_s,  "0010000 bbbbb aaaaa 010 ddddd 1010011", NULL, "D, A, B")	{ sign_s(t, o, SGN_XOR); }
INSN(fmin_s,    "0010100 bbbbb aaaaa 000 ddddd 1010011", NULL, "D, A, B")	{ minmax_s(t, o, IR_FMIN); }
INSN(fmax_s,    "0010100 bbbbb aaaaa 001 ddddd 1010011", NULL, "D, A, B")	{ minmax_s(t, o, IR_FMAX); }
INSN(fcvt_w_s,  "1100000 00000 aaaaa mmm ddddd 1010011", NULL, "d, Am")		{ to_int(t, o, getf(t, o->a), IR_I32, false); }
INSN(fcvt_wu_s, "1100000 00001 aaaaa mmm ddddd 1010011", NULL, "d, Am")		{ to_int(t, o, getf(t, o->a), IR_I32, true); }
INSN(fcvt_l_s,  "1100000 00010 aaaaa mmm ddddd 1010011", NULL, "d, Am")		{ to_int(t, o, getf(t, o->a), IR_I64, false); }
INSN(fcvt_lu_s, "1100000 00011 aaaaa mmm ddddd 1010011", NULL, "d, Am")		{ to_int(t, o, getf(t, o->a), IR_I64, true); }
INSN(fmv_x_w,   "1110000 00000 aaaaa 000 ddddd 1010011", NULL, "d, A")		{ set(t, o->d, ir_sext(t, bits(t, o->a), 32)); }
INSN(feq_s,     "1010000 bbbbb aaaaa 010 ddddd 1010011", NULL, "d, A, B")	{ compare_s(t, o, FCMP_EQ); }
INSN(flt_s,     "1010000 bbbbb aaaaa 001 ddddd 1010011", NULL, "d, A, B")	{ compare_s(t, o, FCMP_LT); }
INSN(fle_s,     "1010000 bbbbb aaaaa 000 ddddd 1010011", NULL, "d, A, B")	{ compare_s(t, o, FCMP_LE); }
INSN(fclass_s,  "1110000 00000 aaaaa 001 ddddd 1010011", NULL, "d, A")		{ set(t, o->d, ir_fclass(t, getf(t, o->a))); }
INSN(fcvt_s_w,  "1101000 00000 aaaaa mmm ddddd 1010011", NULL, "D, am")		{ from_int_s(t, o, get32(t, o->a), false); }
INSN(fcvt_s_wu, "1101000 00001 aaaaa mmm ddddd 1010011", NULL, "D, am")		{ from_int_s(t, o, get32(t, o->a), true); }
INSN(fcvt_s_l,  "1101000 00010 aaaaa mmm ddddd 1010011", NULL, "D, am")		{ from_int_s(t, o, get(t, o->a), false); }
INSN(fcvt_s_lu, "1101000 00011 aaaaa mmm ddddd 1010011", NULL, "D, am")		{ from_int_s(t, o, get(t, o->a), true); }
INSN(fmv_w_x,   "1111000 00000 aaaaa 000 ddddd 1010011", NULL, "D, a")		{ setf(t, o->d, ir_bitcast(t, IR_F32, get32(t, o->a))); }

#undef FEATURE
#define FEATURE RV_D
INSN(fld,       "iiiiiiiiiiii aaaaa 011 ddddd 0000111",  imm_i, "D, i(a)")	{ setd(t, o->d, load(t, o, IR_F64, MEM_64)); }
INSN(fsd,       "iiiiiii bbbbb aaaaa 011 iiiii 0100111", imm_s, "B, i(a)")	{ store(t, o, getd(t, o->b), MEM_64); }
INSN(fmadd_d,   "ccccc 01 bbbbb aaaaa mmm ddddd 1000011", NULL, "D, A, B, Cm")	{ fma_d(t, o, 0); }
INSN(fmsub_d,   "ccccc 01 bbbbb aaaaa mmm ddddd 1000111", NULL, "D, A, B, Cm")	{ fma_d(t, o, FMA_NEG_ADDEND); }
INSN(fnmsub_d,  "ccccc 01 bbbbb aaaaa mmm ddddd 1001011", NULL, "D, A, B, Cm")	{ fma_d(t, o, FMA_NEG_PRODUCT); }
INSN(fnmadd_d,  "ccccc 01 bbbbb aaaaa mmm ddddd 1001111", NULL, "D, A, B, Cm")	{ fma_d(t, o, FMA_NEG_PRODUCT | FMA_NEG_ADDEND); }
INSN(fadd_d,    "0000001 bbbbb aaaaa mmm ddddd 1010011", NULL, "D, A, Bm")	{ arith_d(t, o, IR_FADD); }
INSN(fsub_d,    "0000101 bbbbb aaaaa mmm ddddd 1010011", NULL, "D, A, Bm")	{ arith_d(t, o, IR_FSUB); }
INSN(fmul_d,    "0001001 bbbbb aaaaa mmm ddddd 1010011", NULL, "D, A, Bm")	{ arith_d(t, o, IR_FMUL); }
INSN(fdiv_d,    "0001101 bbbbb aaaaa mmm ddddd 1010011", NULL, "D, A, Bm")	{ arith_d(t, o, IR_FDIV); }
INSN(fsqrt_d,   "0101101 00000 aaaaa mmm ddddd 1010011", NULL, "D, Am")		{ sqrt_d(t, o); }
INSN(fsgnj_d,   "0010001 bbbbb aaaaa 000 ddddd 1010011", NULL, "D, A, B")	{ sign_d(t, o, SGN_COPY); }
INSN(fsgnjn_d,  "0010001 bbbbb aaaaa 001 ddddd 1010011", NULL, "D, A, B")	{ sign_d(t, o, SGN_NEG); }
INSN(fsgnjx_d,  "0010001 bbbbb aaaaa 010 ddddd 1010011", NULL, "D, A, B")	{ sign_d(t, o, SGN_XOR); }
INSN(fmin_d,    "0010101 bbbbb aaaaa 000 ddddd 1010011", NULL, "D, A, B")	{ minmax_d(t, o, IR_FMIN); }
INSN(fmax_d,    "0010101 bbbbb aaaaa 001 ddddd 1010011", NULL, "D, A, B")	{ minmax_d(t, o, IR_FMAX); }
INSN(fcvt_s_d,  "0100000 00001 aaaaa mmm ddddd 1010011", NULL, "D, Am")		{ double_to_single(t, o); }
INSN(fcvt_d_s,  "0100001 00000 aaaaa mmm ddddd 1010011", NULL, "D, An")		{ single_to_double(t, o); }
INSN(feq_d,     "1010001 bbbbb aaaaa 010 ddddd 1010011", NULL, "d, A, B")	{ compare_d(t, o, FCMP_EQ); }
INSN(flt_d,     "1010001 bbbbb aaaaa 001 ddddd 1010011", NULL, "d, A, B")	{ compare_d(t, o, FCMP_LT); }
INSN(fle_d,     "1010001 bbbbb aaaaa 000 ddddd 1010011", NULL, "d, A, B")	{ compare_d(t, o, FCMP_LE); }
INSN(fclass_d,  "1110001 00000 aaaaa 001 ddddd 1010011", NULL, "d, A")		{ set(t, o->d, ir_fclass(t, getd(t, o->a))); }
INSN(fcvt_w_d,  "1100001 00000 aaaaa mmm ddddd 1010011", NULL, "d, Am")		{ to_int(t, o, getd(t, o->a), IR_I32, false); }
INSN(fcvt_wu_d, "1100001 00001 aaaaa mmm ddddd 1010011", NULL, "d, Am")		{ to_int(t, o, getd(t, o->a), IR_I32, true); }
INSN(fcvt_l_d,  "1100001 00010 aaaaa mmm ddddd 1010011", NULL, "d, Am")		{ to_int(t, o, getd(t, o->a), IR_I64, false); }
INSN(fcvt_lu_d, "1100001 00011 aaaaa mmm ddddd 1010011", NULL, "d, Am")		{ to_int(t, o, getd(t, o->a), IR_I64, true); }
INSN(fcvt_d_w,  "1101001 00000 aaaaa mmm ddddd 1010011", NULL, "D, an")		{ from_int_d(t, o, get32(t, o->a), false); }
INSN(fcvt_d_wu, "1101001 00001 aaaaa mmm ddddd 1010011", NULL, "D, an")		{ from_int_d(t, o, get32(t, o->a), true); }
INSN(fcvt_d_l,  "1101001 00010 aaaaa mmm ddddd 1010011", NULL, "D, am")		{ from_int_d(t, o, get(t, o->a), false); }
INSN(fcvt_d_lu, "1101001 00011 aaaaa mmm ddddd 1010011", NULL, "D, am")		{ from_int_d(t, o, get(t, o->a), true); }
INSN(fmv_x_d,   "1110001 00000 aaaaa 000 ddddd 1010011", NULL, "d, A")		{ set(t, o->d, bits(t, o->a)); }
INSN(fmv_d_x,   "1111001 00000 aaaaa 000 ddddd 1010011", NULL, "D, a")		{ setd(t, o->d, ir_bitcast(t, IR_F64, get(t, o->a))); }
