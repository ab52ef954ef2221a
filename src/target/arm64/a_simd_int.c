/* A64 Advanced SIMD on integers: three registers of one shape, of different
 * widths, two registers, across lanes (DDI 0487, C4.1.90).
 *
 * What compilers make much of is a few IR operations; the rest is in C
 * (vec_int.c).  Letters: x = Q, z = size, d a b = Rd Rn Rm.  Scalar forms use the
 * low lane and clear the rest; with Q = 0 the upper half is cleared.
 */
#define FEATURE ARM_BASE
#include "target/arm64/vec.h"

static u32 lanes(const struct operands *o) { return (o->x ? 16u : 8u) >> o->z; }

/* Reserved when size 3 and Q = 0. */
static bool bad_64(struct ir *t, const struct operands *o)
{
	if (o->z != LANE_64 || o->x)
		return false;
	illegal(t);
	return true;
}

/* The result of a vector instruction by Q. */
static void result(struct ir *t, const struct operands *o, ir_ref v) { setvq(t, o->x, o->d, v); }

static ir_ref a_of(struct ir *t, const struct operands *o) { return getv(t, o->a); }
static ir_ref b_of(struct ir *t, const struct operands *o) { return getv(t, o->b); }

/* ---- three registers of one shape ---- */

static ir_ref simple(struct ir *t, const struct operands *o, enum ir_op op)
{
	return ir_vbin(t, op, o->z, a_of(t, o), b_of(t, o), 0);
}

static void three(struct ir *t, const struct operands *o, enum ir_op op)
{
	if (!bad_64(t, o))
		result(t, o, simple(t, o, op));
}

/* Not for 64-bit lanes. */
static void three_small(struct ir *t, const struct operands *o, enum ir_op op)
{
	if (o->z == LANE_64)
		illegal(t);
	else
		result(t, o, simple(t, o, op));
}

static ir_ref in_c(struct ir *t, const struct operands *o, u32 op, u32 how, ir_ref c, u32 n)
{
	return ir_vcall(t, arm64_vec_int, a_of(t, o), b_of(t, o), c, VEC(op, o->z, n, how));
}

/* sizes: bit k set if lanes of 1 << k bytes are there */
enum { SIZES_BHS = 7, SIZES_ALL = 15, SIZES_HS = 6, SIZE_B = 1, SIZE_D = 8 };

static void three_c(struct ir *t, const struct operands *o, u32 op, u32 how, u32 sizes)
{
	if (!(sizes >> o->z & 1))
		illegal(t);
	else if (!bad_64(t, o))
		result(t, o, in_c(t, o, op, how, 0, lanes(o)));
}

static void scalar_c(struct ir *t, const struct operands *o, u32 op, u32 how, u32 sizes)
{
	if (!(sizes >> o->z & 1))
		illegal(t);
	else
		setv(t, o->d, in_c(t, o, op, how, 0, 1));
}

/* All ones where a >= b: where b > a is not. */
static void three_ge(struct ir *t, const struct operands *o, enum ir_op gt)
{
	if (!bad_64(t, o))
		result(t, o, ir_vun(t, IR_VNOT, 0, ir_vbin(t, gt, o->z, b_of(t, o), a_of(t, o), 0), 0));
}

static ir_ref test_bits(struct ir *t, u32 lane, ir_ref a, ir_ref b)
{
	ir_ref zero = ir_vzext(t, ir_imm(t, 0));

	return ir_vun(t, IR_VNOT, 0, ir_vbin(t, IR_VCMPEQ, lane, ir_vbin(t, IR_VAND, 0, a, b, 0), zero, 0), 0);
}

static void multiply_acc(struct ir *t, const struct operands *o, enum ir_op op)
{
	if (o->z == LANE_64)
		illegal(t);
	else
		result(t, o, ir_vbin(t, op, o->z, getv(t, o->d), simple(t, o, IR_VMUL), 0));
}

static ir_ref abs_difference(struct ir *t, u32 lane, ir_ref a, ir_ref b, bool u)
{
	return ir_vbin(t, IR_VSUB, lane, ir_vbin(t, u ? IR_VMAXU : IR_VMAXS, lane, a, b, 0),
		       ir_vbin(t, u ? IR_VMINU : IR_VMINS, lane, a, b, 0), 0);
}

static void difference(struct ir *t, const struct operands *o, bool u, bool accumulate)
{
	ir_ref v;

	if (o->z == LANE_64) {
		illegal(t);
		return;
	}
	v = abs_difference(t, o->z, a_of(t, o), b_of(t, o), u);
	result(t, o, accumulate ? ir_vbin(t, IR_VADD, o->z, getv(t, o->d), v, 0) : v);
}

static void shift_by(struct ir *t, const struct operands *o, bool is_signed)
{
	if (!bad_64(t, o))
		result(t, o, ir_vbin(t, IR_VSHIFT, o->z, a_of(t, o), b_of(t, o), is_signed));
}

/* Pairs of neighbours of a, then of b. */
static void pairwise(struct ir *t, const struct operands *o, enum ir_op op)
{
	ir_ref a = a_of(t, o), b = b_of(t, o);

	if (bad_64(t, o))
		return;
	if (op != IR_VADD && o->z == LANE_64) {
		illegal(t);
		return;
	}
	if (!o->x) {	/* both halves in one vector */
		a = ir_vins(t, LANE_64, a, 1, b, 0);
		b = a;
	}
	result(t, o, ir_vbin(t, op, o->z, ir_vbin(t, IR_VUZP, o->z, a, b, 0), ir_vbin(t, IR_VUZP, o->z, a, b, 1), 0));
}

static void bitwise(struct ir *t, const struct operands *o, enum ir_op op)
{
	result(t, o, op == IR_VOR && o->a == o->b ? a_of(t, o) : ir_vbin(t, op, 0, a_of(t, o), b_of(t, o), 0));
}

static void or_not(struct ir *t, const struct operands *o)
{
	result(t, o, ir_vbin(t, IR_VOR, 0, a_of(t, o), ir_vun(t, IR_VNOT, 0, b_of(t, o), 0), 0));
}

/* clang-format off */
#define T3 "V, U, W"
INSN(shadd,   "0 x 0 01110 zz 1 bbbbb 00000 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_HADD, 0, SIZES_BHS); }
INSN(uhadd,   "0 x 1 01110 zz 1 bbbbb 00000 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_HADD, VEC_U, SIZES_BHS); }
INSN(sqadd,   "0 x 0 01110 zz 1 bbbbb 00001 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_QADD, 0, SIZES_ALL); }
INSN(uqadd,   "0 x 1 01110 zz 1 bbbbb 00001 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_QADD, VEC_U, SIZES_ALL); }
INSN(srhadd,  "0 x 0 01110 zz 1 bbbbb 00010 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_RHADD, 0, SIZES_BHS); }
INSN(urhadd,  "0 x 1 01110 zz 1 bbbbb 00010 1 aaaaa ddddd", NULL, T3)	{ three_small(t, o, IR_VAVGU); }
INSN(and_v,   "0 x 0 01110 00 1 bbbbb 00011 1 aaaaa ddddd", NULL, T3)	{ bitwise(t, o, IR_VAND); }
INSN(bic_v,   "0 x 0 01110 01 1 bbbbb 00011 1 aaaaa ddddd", NULL, T3)	{ bitwise(t, o, IR_VANDN); }
INSN(orr_v,   "0 x 0 01110 10 1 bbbbb 00011 1 aaaaa ddddd", NULL, T3)	{ bitwise(t, o, IR_VOR); }
INSN(orn_v,   "0 x 0 01110 11 1 bbbbb 00011 1 aaaaa ddddd", NULL, T3)	{ or_not(t, o); }
INSN(eor_v,   "0 x 1 01110 00 1 bbbbb 00011 1 aaaaa ddddd", NULL, T3)	{ bitwise(t, o, IR_VXOR); }
INSN(bsl,     "0 x 1 01110 01 1 bbbbb 00011 1 aaaaa ddddd", NULL, T3)	{ result(t, o, ir_vbsl(t, getv(t, o->d), a_of(t, o), b_of(t, o))); }
INSN(bit,     "0 x 1 01110 10 1 bbbbb 00011 1 aaaaa ddddd", NULL, T3)	{ result(t, o, ir_vbsl(t, b_of(t, o), a_of(t, o), getv(t, o->d))); }
INSN(bif,     "0 x 1 01110 11 1 bbbbb 00011 1 aaaaa ddddd", NULL, T3)	{ result(t, o, ir_vbsl(t, b_of(t, o), getv(t, o->d), a_of(t, o))); }
INSN(shsub,   "0 x 0 01110 zz 1 bbbbb 00100 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_HSUB, 0, SIZES_BHS); }
INSN(uhsub,   "0 x 1 01110 zz 1 bbbbb 00100 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_HSUB, VEC_U, SIZES_BHS); }
INSN(sqsub,   "0 x 0 01110 zz 1 bbbbb 00101 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_QSUB, 0, SIZES_ALL); }
INSN(uqsub,   "0 x 1 01110 zz 1 bbbbb 00101 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_QSUB, VEC_U, SIZES_ALL); }
INSN(cmgt,    "0 x 0 01110 zz 1 bbbbb 00110 1 aaaaa ddddd", NULL, T3)	{ three(t, o, IR_VCMPGT); }
INSN(cmhi,    "0 x 1 01110 zz 1 bbbbb 00110 1 aaaaa ddddd", NULL, T3)	{ three(t, o, IR_VCMPGTU); }
INSN(cmge,    "0 x 0 01110 zz 1 bbbbb 00111 1 aaaaa ddddd", NULL, T3)	{ three_ge(t, o, IR_VCMPGT); }
INSN(cmhs,    "0 x 1 01110 zz 1 bbbbb 00111 1 aaaaa ddddd", NULL, T3)	{ three_ge(t, o, IR_VCMPGTU); }
INSN(sshl,    "0 x 0 01110 zz 1 bbbbb 01000 1 aaaaa ddddd", NULL, T3)	{ shift_by(t, o, true); }
INSN(ushl,    "0 x 1 01110 zz 1 bbbbb 01000 1 aaaaa ddddd", NULL, T3)	{ shift_by(t, o, false); }
INSN(sqshl,   "0 x 0 01110 zz 1 bbbbb 01001 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_QSHL, 0, SIZES_ALL); }
INSN(uqshl,   "0 x 1 01110 zz 1 bbbbb 01001 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_QSHL, VEC_U, SIZES_ALL); }
INSN(srshl,   "0 x 0 01110 zz 1 bbbbb 01010 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_RSHL, 0, SIZES_ALL); }
INSN(urshl,   "0 x 1 01110 zz 1 bbbbb 01010 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_RSHL, VEC_U, SIZES_ALL); }
INSN(sqrshl,  "0 x 0 01110 zz 1 bbbbb 01011 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_QRSHL, 0, SIZES_ALL); }
INSN(uqrshl,  "0 x 1 01110 zz 1 bbbbb 01011 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_QRSHL, VEC_U, SIZES_ALL); }
INSN(smax_v,  "0 x 0 01110 zz 1 bbbbb 01100 1 aaaaa ddddd", NULL, T3)	{ three_small(t, o, IR_VMAXS); }
INSN(umax_v,  "0 x 1 01110 zz 1 bbbbb 01100 1 aaaaa ddddd", NULL, T3)	{ three_small(t, o, IR_VMAXU); }
INSN(smin_v,  "0 x 0 01110 zz 1 bbbbb 01101 1 aaaaa ddddd", NULL, T3)	{ three_small(t, o, IR_VMINS); }
INSN(umin_v,  "0 x 1 01110 zz 1 bbbbb 01101 1 aaaaa ddddd", NULL, T3)	{ three_small(t, o, IR_VMINU); }
INSN(sabd,    "0 x 0 01110 zz 1 bbbbb 01110 1 aaaaa ddddd", NULL, T3)	{ difference(t, o, false, false); }
INSN(uabd,    "0 x 1 01110 zz 1 bbbbb 01110 1 aaaaa ddddd", NULL, T3)	{ difference(t, o, true, false); }
INSN(saba,    "0 x 0 01110 zz 1 bbbbb 01111 1 aaaaa ddddd", NULL, T3)	{ difference(t, o, false, true); }
INSN(uaba,    "0 x 1 01110 zz 1 bbbbb 01111 1 aaaaa ddddd", NULL, T3)	{ difference(t, o, true, true); }
INSN(add_v,   "0 x 0 01110 zz 1 bbbbb 10000 1 aaaaa ddddd", NULL, T3)	{ three(t, o, IR_VADD); }
INSN(sub_v,   "0 x 1 01110 zz 1 bbbbb 10000 1 aaaaa ddddd", NULL, T3)	{ three(t, o, IR_VSUB); }
INSN(cmtst,   "0 x 0 01110 zz 1 bbbbb 10001 1 aaaaa ddddd", NULL, T3)	{ if (!bad_64(t, o)) result(t, o,
		test_bits(t, o->z, a_of(t, o), b_of(t, o))); }
INSN(cmeq,    "0 x 1 01110 zz 1 bbbbb 10001 1 aaaaa ddddd", NULL, T3)	{ three(t, o, IR_VCMPEQ); }
INSN(mla,     "0 x 0 01110 zz 1 bbbbb 10010 1 aaaaa ddddd", NULL, T3)	{ multiply_acc(t, o, IR_VADD); }
INSN(mls,     "0 x 1 01110 zz 1 bbbbb 10010 1 aaaaa ddddd", NULL, T3)	{ multiply_acc(t, o, IR_VSUB); }
INSN(mul_v,   "0 x 0 01110 zz 1 bbbbb 10011 1 aaaaa ddddd", NULL, T3)	{ three_small(t, o, IR_VMUL); }
INSN(pmul,    "0 x 1 01110 zz 1 bbbbb 10011 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_PMUL, 0, SIZE_B); }
INSN(smaxp,   "0 x 0 01110 zz 1 bbbbb 10100 1 aaaaa ddddd", NULL, T3)	{ pairwise(t, o, IR_VMAXS); }
INSN(umaxp,   "0 x 1 01110 zz 1 bbbbb 10100 1 aaaaa ddddd", NULL, T3)	{ pairwise(t, o, IR_VMAXU); }
INSN(sminp,   "0 x 0 01110 zz 1 bbbbb 10101 1 aaaaa ddddd", NULL, T3)	{ pairwise(t, o, IR_VMINS); }
INSN(uminp,   "0 x 1 01110 zz 1 bbbbb 10101 1 aaaaa ddddd", NULL, T3)	{ pairwise(t, o, IR_VMINU); }
INSN(sqdmulh, "0 x 0 01110 zz 1 bbbbb 10110 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_QDMULH, 0, SIZES_HS); }
INSN(sqrdmulh, "0 x 1 01110 zz 1 bbbbb 10110 1 aaaaa ddddd", NULL, T3)	{ three_c(t, o, VI_QRDMULH, 0, SIZES_HS); }
INSN(addp,    "0 x 0 01110 zz 1 bbbbb 10111 1 aaaaa ddddd", NULL, T3)	{ pairwise(t, o, IR_VADD); }

#define S3 "F, G, H"
static void scalar_64(struct ir *t, const struct operands *o, ir_ref v)
{
	if (o->z == LANE_64) setvq(t, 0, o->d, v);
	else illegal(t);
}
static ir_ref not(struct ir *t, ir_ref v) { return ir_vun(t, IR_VNOT, 0, v, 0); }
INSN(sqadd_s,  "01 0 11110 zz 1 bbbbb 00001 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_QADD, 0, SIZES_ALL); }
INSN(uqadd_s,  "01 1 11110 zz 1 bbbbb 00001 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_QADD, VEC_U, SIZES_ALL); }
INSN(sqsub_s,  "01 0 11110 zz 1 bbbbb 00101 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_QSUB, 0, SIZES_ALL); }
INSN(uqsub_s,  "01 1 11110 zz 1 bbbbb 00101 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_QSUB, VEC_U, SIZES_ALL); }
INSN(cmgt_s,   "01 0 11110 zz 1 bbbbb 00110 1 aaaaa ddddd", NULL, S3)	{ scalar_64(t, o, simple(t, o, IR_VCMPGT)); }
INSN(cmhi_s,   "01 1 11110 zz 1 bbbbb 00110 1 aaaaa ddddd", NULL, S3)	{ scalar_64(t, o, simple(t, o, IR_VCMPGTU)); }
INSN(cmge_s,   "01 0 11110 zz 1 bbbbb 00111 1 aaaaa ddddd", NULL, S3)	{ scalar_64(t, o, not(t, ir_vbin(t,
		IR_VCMPGT, o->z, b_of(t, o), a_of(t, o), 0))); }
INSN(cmhs_s,   "01 1 11110 zz 1 bbbbb 00111 1 aaaaa ddddd", NULL, S3)	{ scalar_64(t, o, not(t, ir_vbin(t,
		IR_VCMPGTU, o->z, b_of(t, o), a_of(t, o), 0))); }
INSN(sshl_s,   "01 0 11110 zz 1 bbbbb 01000 1 aaaaa ddddd", NULL, S3)	{ scalar_64(t, o, ir_vbin(t, IR_VSHIFT,
		o->z, a_of(t, o), b_of(t, o), 1)); }
INSN(ushl_s,   "01 1 11110 zz 1 bbbbb 01000 1 aaaaa ddddd", NULL, S3)	{ scalar_64(t, o, ir_vbin(t, IR_VSHIFT,
		o->z, a_of(t, o), b_of(t, o), 0)); }
INSN(sqshl_s,  "01 0 11110 zz 1 bbbbb 01001 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_QSHL, 0, SIZES_ALL); }
INSN(uqshl_s,  "01 1 11110 zz 1 bbbbb 01001 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_QSHL, VEC_U, SIZES_ALL); }
INSN(srshl_s,  "01 0 11110 zz 1 bbbbb 01010 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_RSHL, 0, SIZE_D); }
INSN(urshl_s,  "01 1 11110 zz 1 bbbbb 01010 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_RSHL, VEC_U, SIZE_D); }
INSN(sqrshl_s, "01 0 11110 zz 1 bbbbb 01011 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_QRSHL, 0, SIZES_ALL); }
INSN(uqrshl_s, "01 1 11110 zz 1 bbbbb 01011 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_QRSHL, VEC_U, SIZES_ALL); }
INSN(add_s,    "01 0 11110 zz 1 bbbbb 10000 1 aaaaa ddddd", NULL, S3)	{ scalar_64(t, o, simple(t, o, IR_VADD)); }
INSN(sub_s,    "01 1 11110 zz 1 bbbbb 10000 1 aaaaa ddddd", NULL, S3)	{ scalar_64(t, o, simple(t, o, IR_VSUB)); }
INSN(cmtst_s,  "01 0 11110 zz 1 bbbbb 10001 1 aaaaa ddddd", NULL, S3)	{ scalar_64(t, o, test_bits(t, o->z, a_of(t, o), b_of(t, o))); }
INSN(cmeq_s,   "01 1 11110 zz 1 bbbbb 10001 1 aaaaa ddddd", NULL, S3)	{ scalar_64(t, o, simple(t, o, IR_VCMPEQ)); }
INSN(sqdmulh_s,  "01 0 11110 zz 1 bbbbb 10110 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_QDMULH, 0, SIZES_HS); }
INSN(sqrdmulh_s, "01 1 11110 zz 1 bbbbb 10110 1 aaaaa ddddd", NULL, S3)	{ scalar_c(t, o, VI_QRDMULH, 0, SIZES_HS); }
/* clang-format on */

/* ---- three registers, different widths ---- */

static u32 vw(bool u, const struct operands *o) { return (u ? 0 : VW_SIGNED) | (o->x ? VW_HIGH : 0); }

static ir_ref widen(struct ir *t, const struct operands *o, ir_ref v, bool u)
{
	return ir_vun(t, IR_VWIDEN, o->z, v, vw(u, o));
}

static bool no_64(struct ir *t, const struct operands *o)
{
	if (o->z != LANE_64)
		return false;
	illegal(t);
	return true;
}

/* Both widened (long) or b alone (wide). */
static void add_long(struct ir *t, const struct operands *o, enum ir_op op, bool u, bool wide)
{
	ir_ref a = a_of(t, o);

	if (!no_64(t, o))
		setv(t, o->d, ir_vbin(t, op, o->z + 1u, wide ? a : widen(t, o, a, u), widen(t, o, b_of(t, o), u), 0));
}

/* The upper halves of sums, perhaps rounded, in the low or (Q) high half of Rd. */
static void high_half(struct ir *t, const struct operands *o, enum ir_op op, bool rounds)
{
	u32 lane = o->z + 1u, half = 8u << o->z;
	ir_ref v;

	if (no_64(t, o))
		return;
	v = ir_vbin(t, op, lane, a_of(t, o), b_of(t, o), 0);
	if (rounds)
		v = ir_vbin(t, IR_VADD, lane, v, ir_vdup(t, lane, ir_imm(t, (i64)(1ull << (half - 1)))), 0);
	v = ir_vun(t, IR_VNARROW, o->z, ir_vun(t, IR_VSHR, lane, v, half), 0);
	setv(t, o->d, o->x ? ir_vins(t, LANE_64, getv(t, o->d), 1, v, 0) : v);
}

/* A 64-bit half of a register as the low half: what Q says the operands are. */
ir_ref arm64_half(struct ir *t, u32 q, ir_ref v)
{
	return q ? ir_vun(t, IR_VDUPLANE, LANE_64, v, 1) : v;
}

static ir_ref long_c(struct ir *t, const struct operands *o, u32 op, u32 how, bool accumulates)
{
	return ir_vcall(t, arm64_vec_long, arm64_half(t, o->x, a_of(t, o)), arm64_half(t, o->x, b_of(t, o)),
			accumulates ? getv(t, o->d) : 0, VEC(op, o->z, 8u >> o->z, how));
}

static void difference_long(struct ir *t, const struct operands *o, bool u, bool accumulates)
{
	if (!no_64(t, o))
		setv(t, o->d, long_c(t, o, accumulates ? VL_ABAL : VL_ABDL, u ? VEC_U : 0, accumulates));
}

static void multiply_long(struct ir *t, const struct operands *o, bool u, enum ir_op acc)
{
	ir_ref v;

	if (no_64(t, o))
		return;
	v = ir_vbin(t, IR_VMULL, o->z, a_of(t, o), b_of(t, o), vw(u, o));
	setv(t, o->d, acc ? ir_vbin(t, acc, o->z + 1u, getv(t, o->d), v, 0) : v);
}

static void doubling_long(struct ir *t, const struct operands *o, u32 op)
{
	if (o->z != LANE_16 && o->z != LANE_32)
		illegal(t);
	else
		setv(t, o->d, long_c(t, o, op, 0, op != VL_QDMULL));
}

static void doubling_long_scalar(struct ir *t, const struct operands *o, u32 op)
{
	if (o->z != LANE_16 && o->z != LANE_32)
		illegal(t);
	else
		setv(t, o->d, ir_vcall(t, arm64_vec_long, a_of(t, o), b_of(t, o), getv(t, o->d), VEC(op, o->z, 1, 0)));
}

static void poly_long(struct ir *t, const struct operands *o)
{
	if (o->z != LANE_8 && !(o->z == LANE_64 && has(t, ARM_PMULL)))
		illegal(t);
	else
		setv(t, o->d, long_c(t, o, VL_PMULL, 0, false));
}

/* clang-format off */
INSN(saddl,   "0 x 0 01110 zz 1 bbbbb 0000 00 aaaaa ddddd", NULL, T3)	{ add_long(t, o, IR_VADD, false, false); }
INSN(uaddl,   "0 x 1 01110 zz 1 bbbbb 0000 00 aaaaa ddddd", NULL, T3)	{ add_long(t, o, IR_VADD, true, false); }
INSN(saddw,   "0 x 0 01110 zz 1 bbbbb 0001 00 aaaaa ddddd", NULL, T3)	{ add_long(t, o, IR_VADD, false, true); }
INSN(uaddw,   "0 x 1 01110 zz 1 bbbbb 0001 00 aaaaa ddddd", NULL, T3)	{ add_long(t, o, IR_VADD, true, true); }
INSN(ssubl,   "0 x 0 01110 zz 1 bbbbb 0010 00 aaaaa ddddd", NULL, T3)	{ add_long(t, o, IR_VSUB, false, false); }
INSN(usubl,   "0 x 1 01110 zz 1 bbbbb 0010 00 aaaaa ddddd", NULL, T3)	{ add_long(t, o, IR_VSUB, true, false); }
INSN(ssubw,   "0 x 0 01110 zz 1 bbbbb 0011 00 aaaaa ddddd", NULL, T3)	{ add_long(t, o, IR_VSUB, false, true); }
INSN(usubw,   "0 x 1 01110 zz 1 bbbbb 0011 00 aaaaa ddddd", NULL, T3)	{ add_long(t, o, IR_VSUB, true, true); }
INSN(addhn,   "0 x 0 01110 zz 1 bbbbb 0100 00 aaaaa ddddd", NULL, T3)	{ high_half(t, o, IR_VADD, false); }
INSN(raddhn,  "0 x 1 01110 zz 1 bbbbb 0100 00 aaaaa ddddd", NULL, T3)	{ high_half(t, o, IR_VADD, true); }
INSN(sabal,   "0 x 0 01110 zz 1 bbbbb 0101 00 aaaaa ddddd", NULL, T3)	{ difference_long(t, o, false, true); }
INSN(uabal,   "0 x 1 01110 zz 1 bbbbb 0101 00 aaaaa ddddd", NULL, T3)	{ difference_long(t, o, true, true); }
INSN(subhn,   "0 x 0 01110 zz 1 bbbbb 0110 00 aaaaa ddddd", NULL, T3)	{ high_half(t, o, IR_VSUB, false); }
INSN(rsubhn,  "0 x 1 01110 zz 1 bbbbb 0110 00 aaaaa ddddd", NULL, T3)	{ high_half(t, o, IR_VSUB, true); }
INSN(sabdl,   "0 x 0 01110 zz 1 bbbbb 0111 00 aaaaa ddddd", NULL, T3)	{ difference_long(t, o, false, false); }
INSN(uabdl,   "0 x 1 01110 zz 1 bbbbb 0111 00 aaaaa ddddd", NULL, T3)	{ difference_long(t, o, true, false); }
INSN(smlal,   "0 x 0 01110 zz 1 bbbbb 1000 00 aaaaa ddddd", NULL, T3)	{ multiply_long(t, o, false, IR_VADD); }
INSN(umlal,   "0 x 1 01110 zz 1 bbbbb 1000 00 aaaaa ddddd", NULL, T3)	{ multiply_long(t, o, true, IR_VADD); }
INSN(sqdmlal, "0 x 0 01110 zz 1 bbbbb 1001 00 aaaaa ddddd", NULL, T3)	{ doubling_long(t, o, VL_QDMLAL); }
INSN(smlsl,   "0 x 0 01110 zz 1 bbbbb 1010 00 aaaaa ddddd", NULL, T3)	{ multiply_long(t, o, false, IR_VSUB); }
INSN(umlsl,   "0 x 1 01110 zz 1 bbbbb 1010 00 aaaaa ddddd", NULL, T3)	{ multiply_long(t, o, true, IR_VSUB); }
INSN(sqdmlsl, "0 x 0 01110 zz 1 bbbbb 1011 00 aaaaa ddddd", NULL, T3)	{ doubling_long(t, o, VL_QDMLSL); }
INSN(smull_v, "0 x 0 01110 zz 1 bbbbb 1100 00 aaaaa ddddd", NULL, T3)	{ multiply_long(t, o, false, 0); }
INSN(umull_v, "0 x 1 01110 zz 1 bbbbb 1100 00 aaaaa ddddd", NULL, T3)	{ multiply_long(t, o, true, 0); }
INSN(sqdmull, "0 x 0 01110 zz 1 bbbbb 1101 00 aaaaa ddddd", NULL, T3)	{ doubling_long(t, o, VL_QDMULL); }
INSN(pmull,   "0 x 0 01110 zz 1 bbbbb 1110 00 aaaaa ddddd", NULL, T3)	{ poly_long(t, o); }
INSN(sqdmlal_s, "01 0 11110 zz 1 bbbbb 1001 00 aaaaa ddddd", NULL, S3)	{ doubling_long_scalar(t, o, VL_QDMLAL); }
INSN(sqdmlsl_s, "01 0 11110 zz 1 bbbbb 1011 00 aaaaa ddddd", NULL, S3)	{ doubling_long_scalar(t, o, VL_QDMLSL); }
INSN(sqdmull_s, "01 0 11110 zz 1 bbbbb 1101 00 aaaaa ddddd", NULL, S3)	{ doubling_long_scalar(t, o, VL_QDMULL); }
/* clang-format on */

/* ---- two registers ---- */

static ir_ref zero(struct ir *t) { return ir_vzext(t, ir_imm(t, 0)); }

static void reverse(struct ir *t, const struct operands *o, u32 group)
{
	if (o->z >= group)
		illegal(t);
	else
		result(t, o, ir_vun(t, IR_VREV, o->z, a_of(t, o), group));
}

/* Neighbours widened and added, perhaps to Rd. */
static void add_pairs_long(struct ir *t, const struct operands *o, bool u, bool accumulates)
{
	u32 bits = 8u << o->z, lane = o->z + 1u;
	ir_ref a = a_of(t, o), odd, even;

	if (no_64(t, o))
		return;
	odd = ir_vun(t, u ? IR_VSHR : IR_VSAR, lane, a, bits);
	even = ir_vun(t, u ? IR_VSHR : IR_VSAR, lane, ir_vun(t, IR_VSHL, lane, a, bits), bits);
	a = ir_vbin(t, IR_VADD, lane, even, odd, 0);
	result(t, o, accumulates ? ir_vbin(t, IR_VADD, lane, getv(t, o->d), a, 0) : a);
}

static void one_c(struct ir *t, const struct operands *o, u32 op, u32 sizes, ir_ref c)
{
	if (!(sizes >> o->z & 1))
		illegal(t);
	else if (!bad_64(t, o))
		result(t, o, ir_vcall(t, arm64_vec_int, a_of(t, o), 0, c, VEC(op, o->z, lanes(o), 0)));
}

static void one_c_scalar(struct ir *t, const struct operands *o, u32 op, ir_ref c)
{
	setv(t, o->d, ir_vcall(t, arm64_vec_int, a_of(t, o), 0, c, VEC(op, o->z, 1, 0)));
}

/* a against zero; invert: the opposite; swap: zero against a */
static ir_ref against_zero(struct ir *t, const struct operands *o, enum ir_op op, bool swap, bool invert)
{
	ir_ref a = a_of(t, o), z = zero(t), v = swap ? ir_vbin(t, op, o->z, z, a, 0) : ir_vbin(t, op, o->z, a, z, 0);

	return invert ? not(t, v) : v;
}

static void compare_zero(struct ir *t, const struct operands *o, enum ir_op op, bool swap, bool invert)
{
	if (!bad_64(t, o))
		result(t, o, against_zero(t, o, op, swap, invert));
}

static void one_ir(struct ir *t, const struct operands *o, enum ir_op op)
{
	if (!bad_64(t, o))
		result(t, o, ir_vun(t, op, o->z, a_of(t, o), 0));
}

/* To half the width, in the low or (Q) high half of Rd. */
static void into_half(struct ir *t, const struct operands *o, ir_ref v)
{
	setv(t, o->d, o->x ? ir_vins(t, LANE_64, getv(t, o->d), 1, v, 0) : v);
}

static void narrow(struct ir *t, const struct operands *o)
{
	if (!no_64(t, o))
		into_half(t, o, ir_vun(t, IR_VNARROW, o->z, a_of(t, o), 0));
}

static void narrow_c(struct ir *t, const struct operands *o, u32 how)
{
	if (!no_64(t, o))
		into_half(t, o, ir_vcall(t, arm64_vec_narrow, a_of(t, o), 0, 0, VEC_NARROW(how, o->z, 3u - o->z, 0)));
}

static void narrow_c_scalar(struct ir *t, const struct operands *o, u32 how)
{
	if (!no_64(t, o))
		setv(t, o->d, ir_vcall(t, arm64_vec_narrow, a_of(t, o), 0, 0, VEC_NARROW(how, o->z, 0, 0)));
}

static void shift_long(struct ir *t, const struct operands *o)
{
	if (!no_64(t, o))
		setv(t, o->d, ir_vun(t, IR_VSHL, o->z + 1u, widen(t, o, a_of(t, o), true), 8u << o->z));
}

static void estimate(struct ir *t, const struct operands *o, u32 op)
{
	one_c(t, o, op, 1 << LANE_32, 0);
}

/* clang-format off */
#define T2 "V, U"
#define S2 "F, G"
INSN(rev64,   "0 x 0 01110 zz 10000 00000 10 aaaaa ddddd", NULL, T2)	{ reverse(t, o, 3); }
INSN(rev32_v, "0 x 1 01110 zz 10000 00000 10 aaaaa ddddd", NULL, T2)	{ reverse(t, o, 2); }
INSN(rev16_v, "0 x 0 01110 zz 10000 00001 10 aaaaa ddddd", NULL, T2)	{ reverse(t, o, 1); }
INSN(saddlp,  "0 x 0 01110 zz 10000 00010 10 aaaaa ddddd", NULL, T2)	{ add_pairs_long(t, o, false, false); }
INSN(uaddlp,  "0 x 1 01110 zz 10000 00010 10 aaaaa ddddd", NULL, T2)	{ add_pairs_long(t, o, true, false); }
INSN(suqadd,  "0 x 0 01110 zz 10000 00011 10 aaaaa ddddd", NULL, T2)	{ one_c(t, o, VI_SUQADD, SIZES_ALL, getv(t, o->d)); }
INSN(usqadd,  "0 x 1 01110 zz 10000 00011 10 aaaaa ddddd", NULL, T2)	{ one_c(t, o, VI_USQADD, SIZES_ALL, getv(t, o->d)); }
INSN(cls_v,   "0 x 0 01110 zz 10000 00100 10 aaaaa ddddd", NULL, T2)	{ one_c(t, o, VI_CLS, SIZES_BHS, 0); }
INSN(clz_v,   "0 x 1 01110 zz 10000 00100 10 aaaaa ddddd", NULL, T2)	{ one_c(t, o, VI_CLZ, SIZES_BHS, 0); }
INSN(cnt_v,   "0 x 0 01110 00 10000 00101 10 aaaaa ddddd", NULL, T2)	{ result(t, o, ir_vun(t, IR_VCNT, 0, a_of(t, o), 0)); }
INSN(not_v,   "0 x 1 01110 00 10000 00101 10 aaaaa ddddd", NULL, T2)	{ result(t, o, not(t, a_of(t, o))); }
INSN(rbit_v,  "0 x 1 01110 01 10000 00101 10 aaaaa ddddd", NULL, T2)	{ result(t, o, ir_vcall(t,
		arm64_vec_int, a_of(t, o), 0, 0, VEC(VI_RBIT, LANE_8, 16, 0))); }
INSN(sadalp,  "0 x 0 01110 zz 10000 00110 10 aaaaa ddddd", NULL, T2)	{ add_pairs_long(t, o, false, true); }
INSN(uadalp,  "0 x 1 01110 zz 10000 00110 10 aaaaa ddddd", NULL, T2)	{ add_pairs_long(t, o, true, true); }
INSN(sqabs,   "0 x 0 01110 zz 10000 00111 10 aaaaa ddddd", NULL, T2)	{ one_c(t, o, VI_QABS, SIZES_ALL, 0); }
INSN(sqneg,   "0 x 1 01110 zz 10000 00111 10 aaaaa ddddd", NULL, T2)	{ one_c(t, o, VI_QNEG, SIZES_ALL, 0); }
INSN(cmgt_z,  "0 x 0 01110 zz 10000 01000 10 aaaaa ddddd", NULL, T2)	{ compare_zero(t, o, IR_VCMPGT, false, false); }
INSN(cmge_z,  "0 x 1 01110 zz 10000 01000 10 aaaaa ddddd", NULL, T2)	{ compare_zero(t, o, IR_VCMPGT, true, true); }
INSN(cmeq_z,  "0 x 0 01110 zz 10000 01001 10 aaaaa ddddd", NULL, T2)	{ compare_zero(t, o, IR_VCMPEQ, false, false); }
INSN(cmle_z,  "0 x 1 01110 zz 10000 01001 10 aaaaa ddddd", NULL, T2)	{ compare_zero(t, o, IR_VCMPGT, false, true); }
INSN(cmlt_z,  "0 x 0 01110 zz 10000 01010 10 aaaaa ddddd", NULL, T2)	{ compare_zero(t, o, IR_VCMPGT, true, false); }
INSN(abs_v,   "0 x 0 01110 zz 10000 01011 10 aaaaa ddddd", NULL, T2)	{ one_ir(t, o, IR_VABS); }
INSN(neg_v,   "0 x 1 01110 zz 10000 01011 10 aaaaa ddddd", NULL, T2)	{ one_ir(t, o, IR_VNEG); }
INSN(xtn,     "0 x 0 01110 zz 10000 10010 10 aaaaa ddddd", NULL, T2)	{ narrow(t, o); }
INSN(sqxtun,  "0 x 1 01110 zz 10000 10010 10 aaaaa ddddd", NULL, T2)	{ narrow_c(t, o, VN_SAT | VN_TO_U); }
INSN(shll,    "0 x 1 01110 zz 10000 10011 10 aaaaa ddddd", NULL, T2)	{ shift_long(t, o); }
INSN(sqxtn,   "0 x 0 01110 zz 10000 10100 10 aaaaa ddddd", NULL, T2)	{ narrow_c(t, o, VN_SAT); }
INSN(uqxtn,   "0 x 1 01110 zz 10000 10100 10 aaaaa ddddd", NULL, T2)	{ narrow_c(t, o, VN_SAT | VN_FROM_U | VN_TO_U); }
INSN(urecpe,  "0 x 0 01110 zz 10000 11100 10 aaaaa ddddd", NULL, T2)	{ estimate(t, o, VI_RECPE); }
INSN(ursqrte, "0 x 1 01110 zz 10000 11100 10 aaaaa ddddd", NULL, T2)	{ estimate(t, o, VI_RSQRTE); }

INSN(suqadd_s, "01 0 11110 zz 10000 00011 10 aaaaa ddddd", NULL, S2)	{ one_c_scalar(t, o, VI_SUQADD, getv(t, o->d)); }
INSN(usqadd_s, "01 1 11110 zz 10000 00011 10 aaaaa ddddd", NULL, S2)	{ one_c_scalar(t, o, VI_USQADD, getv(t, o->d)); }
INSN(sqabs_s,  "01 0 11110 zz 10000 00111 10 aaaaa ddddd", NULL, S2)	{ one_c_scalar(t, o, VI_QABS, 0); }
INSN(sqneg_s,  "01 1 11110 zz 10000 00111 10 aaaaa ddddd", NULL, S2)	{ one_c_scalar(t, o, VI_QNEG, 0); }
INSN(cmgt_zs,  "01 0 11110 zz 10000 01000 10 aaaaa ddddd", NULL, S2)	{ scalar_64(t, o, against_zero(t, o, IR_VCMPGT, false, false)); }
INSN(cmge_zs,  "01 1 11110 zz 10000 01000 10 aaaaa ddddd", NULL, S2)	{ scalar_64(t, o, against_zero(t, o, IR_VCMPGT, true, true)); }
INSN(cmeq_zs,  "01 0 11110 zz 10000 01001 10 aaaaa ddddd", NULL, S2)	{ scalar_64(t, o, against_zero(t, o, IR_VCMPEQ, false, false)); }
INSN(cmle_zs,  "01 1 11110 zz 10000 01001 10 aaaaa ddddd", NULL, S2)	{ scalar_64(t, o, against_zero(t, o, IR_VCMPGT, false, true)); }
INSN(cmlt_zs,  "01 0 11110 zz 10000 01010 10 aaaaa ddddd", NULL, S2)	{ scalar_64(t, o, against_zero(t, o, IR_VCMPGT, true, false)); }
INSN(abs_s,    "01 0 11110 zz 10000 01011 10 aaaaa ddddd", NULL, S2)	{ scalar_64(t, o, ir_vun(t, IR_VABS, o->z, a_of(t, o), 0)); }
INSN(neg_s,    "01 1 11110 zz 10000 01011 10 aaaaa ddddd", NULL, S2)	{ scalar_64(t, o, ir_vun(t, IR_VNEG, o->z, a_of(t, o), 0)); }
INSN(sqxtun_s, "01 1 11110 zz 10000 10010 10 aaaaa ddddd", NULL, S2)	{ narrow_c_scalar(t, o, VN_SAT | VN_TO_U); }
INSN(sqxtn_s,  "01 0 11110 zz 10000 10100 10 aaaaa ddddd", NULL, S2)	{ narrow_c_scalar(t, o, VN_SAT); }
INSN(uqxtn_s,  "01 1 11110 zz 10000 10100 10 aaaaa ddddd", NULL, S2)	{ narrow_c_scalar(t, o, VN_SAT | VN_FROM_U | VN_TO_U); }
/* clang-format on */

/* ---- across lanes ---- */

/* Fold the upper half on the lower until one lane of lane size is left; the rest is cleared. */
static ir_ref fold(struct ir *t, u32 q, u32 lane, ir_ref v, enum ir_op op)
{
	for (u32 bytes = q ? 8 : 4; bytes >= 1u << lane; bytes /= 2)
		v = ir_vbin(t, op, lane, v, ir_vbin(t, IR_VEXT, 0, v, v, bytes), 0);
	return ir_vzext(t, ir_vget(t, lane, v, 0, false));
}

static void across(struct ir *t, const struct operands *o, enum ir_op op)
{
	if (o->z == LANE_64 || (o->z == LANE_32 && !o->x))
		illegal(t);
	else
		setv(t, o->d, fold(t, o->x, o->z, a_of(t, o), op));
}

static void across_long(struct ir *t, const struct operands *o, bool u)
{
	ir_ref v = a_of(t, o), high;

	if (o->z == LANE_64 || (o->z == LANE_32 && !o->x)) {
		illegal(t);
		return;
	}
	if (o->x) {
		high = ir_vun(t, IR_VWIDEN, o->z, v, (u ? 0 : VW_SIGNED) | VW_HIGH);
		v = ir_vbin(t, IR_VADD, o->z + 1u, ir_vun(t, IR_VWIDEN, o->z, v, u ? 0 : VW_SIGNED), high, 0);
	} else {
		v = ir_vun(t, IR_VWIDEN, o->z, v, u ? 0 : VW_SIGNED);
	}
	setv(t, o->d, fold(t, 1, o->z + 1u, v, IR_VADD));
}

/* clang-format off */
INSN(saddlv,  "0 x 0 01110 zz 11000 00011 10 aaaaa ddddd", NULL, T2)	{ across_long(t, o, false); }
INSN(uaddlv,  "0 x 1 01110 zz 11000 00011 10 aaaaa ddddd", NULL, T2)	{ across_long(t, o, true); }
INSN(smaxv,   "0 x 0 01110 zz 11000 01010 10 aaaaa ddddd", NULL, T2)	{ across(t, o, IR_VMAXS); }
INSN(umaxv,   "0 x 1 01110 zz 11000 01010 10 aaaaa ddddd", NULL, T2)	{ across(t, o, IR_VMAXU); }
INSN(sminv,   "0 x 0 01110 zz 11000 11010 10 aaaaa ddddd", NULL, T2)	{ across(t, o, IR_VMINS); }
INSN(uminv,   "0 x 1 01110 zz 11000 11010 10 aaaaa ddddd", NULL, T2)	{ across(t, o, IR_VMINU); }
INSN(addv,    "0 x 0 01110 zz 11000 11011 10 aaaaa ddddd", NULL, T2)	{ across(t, o, IR_VADD); }
INSN(addp_s,  "01 0 11110 11 11000 11011 10 aaaaa ddddd",  NULL, S2)	{ ir_ref a = a_of(t, o); setvq(t, 0,
		o->d, ir_vbin(t, IR_VADD, LANE_64, a, ir_vun(t, IR_VDUPLANE, LANE_64, a, 1), 0)); }
/* clang-format on */
