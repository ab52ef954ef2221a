/* A64 Advanced SIMD in floating point, vectors and the scalars that go with them
 * (DDI 0487, C4.1.90).  Single and double by IR operations where there are any,
 * half precision and the rest in C (vec_fp.c).
 *
 * Letters: x = Q, s = sz (1: double), z = 1 in the lines for half precision.
 */
#define FEATURE ARM_BASE
#include "target/arm64/vec.h"

enum { SCALAR = 1 };

static ir_ref zero(struct ir *t) { return ir_vzext(t, ir_imm(t, 0)); }

/* ---- shapes: from the word, as the same bodies serve vectors, scalars and halves ---- */

static bool is_scalar(const struct operands *o) { return o->word >> 28 & 1; }

/* Half precision has its own encodings: bits 21..19 of what is here are not as elsewhere. */
static u32 lane_of(const struct operands *o, bool half)
{
	return half ? LANE_16 : o->word >> 22 & 1 ? LANE_64 : LANE_32;
}

static u32 count_of(const struct operands *o, u32 lane)
{
	return is_scalar(o) ? 1 : (o->x ? 16u : 8u) >> lane;
}

/* Vectors of one double are reserved. */
static bool bad(struct ir *t, const struct operands *o, u32 lane)
{
	if (is_scalar(o) || lane != LANE_64 || o->x)
		return false;
	illegal(t);
	return true;
}

static u32 vf(const struct operands *o) { return o->x ? 0 : VF_LOW; }

static ir_ref in_c(struct ir *t, const struct operands *o, u32 lane, u32 op, u32 how, ir_ref a, ir_ref b, ir_ref c)
{
	return ir_vcall(t, arm64_vec_fp, a, b, c, VEC(op, lane, count_of(o, lane), how));
}

/* By IR operation `op` when there is one (0: none) and the lanes are of 32 or 64 bits of a vector. */
static ir_ref operate(struct ir *t, const struct operands *o, u32 lane, enum ir_op op, u32 vop, ir_ref a, ir_ref b)
{
	if (op && lane != LANE_16 && !is_scalar(o))
		return ir_vfp(t, op, lane, a, b, 0, t->fp_rm, vf(o));
	return in_c(t, o, lane, vop, 0, a, b, 0);
}

static void three(struct ir *t, const struct operands *o, bool half, enum ir_op op, u32 vop)
{
	u32 lane = lane_of(o, half);

	if (!bad(t, o, lane))
		setv(t, o->d, operate(t, o, lane, op, vop, getv(t, o->a), getv(t, o->b)));
}

/* d + a * b, or d - a * b */
static void fused(struct ir *t, const struct operands *o, bool half, bool subtract)
{
	u32 lane = lane_of(o, half);
	ir_ref a = getv(t, o->a), b = getv(t, o->b), c = getv(t, o->d);

	if (bad(t, o, lane))
		return;
	if (half)
		setv(t, o->d, in_c(t, o, lane, subtract ? VF_FMS : VF_FMA, 0, a, b, c));
	else
		setv(t, o->d, ir_vfp(t, IR_VFMA, lane, a, b, c, t->fp_rm, vf(o) | (subtract ? FMA_NEG_PRODUCT : 0)));
}

/* all ones where a op b; with IR: VFCMP of b and a, LT or LE */
static void compare(struct ir *t, const struct operands *o, bool half, u32 vop)
{
	static const u8 how[] = { [VF_CMEQ - VF_CMEQ] = FCMP_EQ, [VF_CMGE - VF_CMEQ] = FCMP_LE,
			[VF_CMGT - VF_CMEQ] = FCMP_LT };
	u32 lane = lane_of(o, half);
	ir_ref a = getv(t, o->a), b = getv(t, o->b);

	if (bad(t, o, lane))
		return;
	if (half || is_scalar(o))
		setv(t, o->d, in_c(t, o, lane, vop, 0, a, b, 0));
	else
		setv(t, o->d, ir_vfp(t, IR_VFCMP, lane, b, a, 0, how[vop - VF_CMEQ], vf(o)));
}

/* against zero: a op 0, or (swap) 0 op a */
static void compare_zero(struct ir *t, const struct operands *o, bool half, u32 vop, bool swap)
{
	u32 lane = lane_of(o, half);
	ir_ref a = getv(t, o->a), z = zero(t);

	if (!bad(t, o, lane))
		setv(t, o->d, in_c(t, o, lane, vop, 0, swap ? z : a, swap ? a : z, 0));
}

/* Neighbours of a, then of b. */
static void pairwise(struct ir *t, const struct operands *o, bool half, enum ir_op op, u32 vop)
{
	u32 lane = lane_of(o, half);
	ir_ref a = getv(t, o->a), b = getv(t, o->b);

	if (bad(t, o, lane))
		return;
	if (!o->x) {
		a = ir_vins(t, LANE_64, a, 1, b, 0);
		b = a;
	}
	setv(t, o->d, operate(t, o, lane, op, vop, ir_vbin(t, IR_VUZP, lane, a, b, 0), ir_vbin(t, IR_VUZP,
			lane, a, b, 1)));
}

/* The two lowest lanes. */
static void pair_scalar(struct ir *t, const struct operands *o, bool half, u32 vop)
{
	u32 lane = lane_of(o, half);
	ir_ref a = getv(t, o->a);

	setv(t, o->d, in_c(t, o, lane, vop, 0, a, ir_vun(t, IR_VDUPLANE, lane, a, 1), 0));
}

/* All n lanes: neighbours first, as the Reduce function has it. */
static void across(struct ir *t, const struct operands *o, u32 lane, u32 n, u32 vop)
{
	ir_ref v = getv(t, o->a);

	while (n /= 2)
		v = ir_vcall(t, arm64_vec_fp, ir_vbin(t, IR_VUZP, lane, v, v, 0), ir_vbin(t, IR_VUZP, lane, v, v, 1), 0,
			     VEC(vop, lane, n, 0));
	setv(t, o->d, v);
}

/* ---- one operand ---- */

static void one(struct ir *t, const struct operands *o, bool half, u32 vop, u32 how)
{
	u32 lane = lane_of(o, half);

	if (bad(t, o, lane))
		return;
	if (vop == VF_SQRT && !half && !is_scalar(o))
		setv(t, o->d, ir_vfp(t, IR_VFSQRT, lane, getv(t, o->a), 0, 0, t->fp_rm, vf(o)));
	else
		setv(t, o->d, in_c(t, o, lane, vop, how, getv(t, o->a), 0, 0));
}

/* Sign bits: cleared or inverted. */
static void sign(struct ir *t, const struct operands *o, bool half, bool clear)
{
	u32 lane = lane_of(o, half);
	ir_ref mask = ir_vdup(t, lane, ir_imm(t, (i64)(1ull << ((8u << lane) - 1))));

	if (!bad(t, o, lane))
		setvq(t, o->x, o->d, ir_vbin(t, clear ? IR_VANDN : IR_VXOR, 0, getv(t, o->a), mask, 0));
}

static ir_ref shape(struct ir *t, const struct operands *o, u32 lane, bool is_unsigned)
{
	u64 word = (8u << lane) | (u32)is_unsigned << 16 | count_of(o, lane) << 24 | (u64)lane << 32;

	return ir_vzext(t, ir_imm(t, (i64)word));
}

static void to_int(struct ir *t, const struct operands *o, bool half, u32 rm, bool is_unsigned)
{
	u32 lane = lane_of(o, half);

	if (bad(t, o, lane))
		return;
	if (!half && is_scalar(o))
		setv(t, o->d, ir_vzext(t, ir_ftoi(t, lane == LANE_64 ? IR_I64 : IR_I32,
						  ir_vlow(t, lane == LANE_64 ? IR_F64 : IR_F32, getv(t, o->a)), rm,
						  is_unsigned)));
	else
		setv(t, o->d, ir_vcall(t, arm64_vec_fix, getv(t, o->a), shape(t, o, lane, is_unsigned), 0,
				       VEC_FIX(VX_TO_INT, lane, rm)));
}

static void from_int(struct ir *t, const struct operands *o, bool half, bool is_unsigned)
{
	u32 lane = lane_of(o, half);

	if (bad(t, o, lane))
		return;
	if (!half && is_scalar(o))
		setv(t, o->d, ir_vzext(t, ir_itof(t, lane == LANE_64 ? IR_F64 : IR_F32,
						  ir_vlow(t, lane == LANE_64 ? IR_I64 : IR_I32, getv(t, o->a)),
						  t->fp_rm, is_unsigned)));
	else if (!half)
		setv(t, o->d, ir_vfp(t, IR_VITOF, lane, getv(t, o->a), 0, 0, t->fp_rm,
				vf(o) | (is_unsigned ? VF_UNSIGNED : 0)));
	else
		setv(t, o->d, ir_vcall(t, arm64_vec_fix, getv(t, o->a), shape(t, o, lane, is_unsigned), 0,
				       VEC_FIX(VX_FROM_INT, lane, t->fp_rm)));
}

/* To the narrower format, in the low or (Q) high half; sz is that of the wider: 1 double. */
static void narrow(struct ir *t, const struct operands *o, bool to_odd)
{
	u32 lane = o->s ? LANE_64 : LANE_32;
	ir_ref v;

	if (to_odd && !o->s) {
		illegal(t);
		return;
	}
	v = ir_vcall(t, arm64_vec_fp, getv(t, o->a), 0, 0,
		     VEC(to_odd ? VF_TO_S_ODD : o->s ? VF_TO_S : VF_TO_H, lane, is_scalar(o) ? 1 : 16u >> lane, 0));
	setv(t, o->d, o->x && !is_scalar(o) ? ir_vins(t, LANE_64, getv(t, o->d), 1, v, 0) : v);
}

static void widen(struct ir *t, const struct operands *o)
{
	setv(t, o->d, ir_vcall(t, arm64_vec_fp, arm64_half(t, o->x, getv(t, o->a)), 0, 0,
			       VEC(o->s ? VF_TO_D : VF_TO_S, o->s ? LANE_32 : LANE_16, o->s ? 2 : 4, 0)));
}

static void sized(struct ir *t, const struct operands *o, u32 vop)
{
	if (has(t, ARM_FRINTTS))
		one(t, o, false, vop, 0);
	else
		illegal(t);
}

/* clang-format off */
#define T3 "V, U, W"
#define T2 "V, U"
/* Vectors of three registers: the line for single and double, then that for half precision under ARM_FP16 below. */
INSN(fmaxnm_v,  "0 x 0 01110 0 s 1 bbbbb 11000 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, IR_VFMAXNM, VF_MAXNM); }
INSN(fmla,      "0 x 0 01110 0 s 1 bbbbb 11001 1 aaaaa ddddd", NULL, T3)	{ fused(t, o, false, false); }
INSN(fadd_v,    "0 x 0 01110 0 s 1 bbbbb 11010 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, IR_VFADD, VF_ADD); }
INSN(fmulx,     "0 x 0 01110 0 s 1 bbbbb 11011 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_MULX); }
INSN(fcmeq,     "0 x 0 01110 0 s 1 bbbbb 11100 1 aaaaa ddddd", NULL, T3)	{ compare(t, o, false, VF_CMEQ); }
INSN(fmax_v,    "0 x 0 01110 0 s 1 bbbbb 11110 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, IR_VFMAX, VF_MAX); }
INSN(frecps,    "0 x 0 01110 0 s 1 bbbbb 11111 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_RECPS); }
INSN(fminnm_v,  "0 x 0 01110 1 s 1 bbbbb 11000 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, IR_VFMINNM, VF_MINNM); }
INSN(fmls,      "0 x 0 01110 1 s 1 bbbbb 11001 1 aaaaa ddddd", NULL, T3)	{ fused(t, o, false, true); }
INSN(fsub_v,    "0 x 0 01110 1 s 1 bbbbb 11010 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, IR_VFSUB, VF_SUB); }
INSN(fmin_v,    "0 x 0 01110 1 s 1 bbbbb 11110 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, IR_VFMIN, VF_MIN); }
INSN(frsqrts,   "0 x 0 01110 1 s 1 bbbbb 11111 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_RSQRTS); }
INSN(fmaxnmp,   "0 x 1 01110 0 s 1 bbbbb 11000 1 aaaaa ddddd", NULL, T3)	{ pairwise(t, o, false, IR_VFMAXNM, VF_MAXNM); }
INSN(faddp,     "0 x 1 01110 0 s 1 bbbbb 11010 1 aaaaa ddddd", NULL, T3)	{ pairwise(t, o, false, IR_VFADD, VF_ADD); }
INSN(fmul_v,    "0 x 1 01110 0 s 1 bbbbb 11011 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, IR_VFMUL, VF_MUL); }
INSN(fcmge,     "0 x 1 01110 0 s 1 bbbbb 11100 1 aaaaa ddddd", NULL, T3)	{ compare(t, o, false, VF_CMGE); }
INSN(facge,     "0 x 1 01110 0 s 1 bbbbb 11101 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_ACGE); }
INSN(fmaxp,     "0 x 1 01110 0 s 1 bbbbb 11110 1 aaaaa ddddd", NULL, T3)	{ pairwise(t, o, false, IR_VFMAX, VF_MAX); }
INSN(fdiv_v,    "0 x 1 01110 0 s 1 bbbbb 11111 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, IR_VFDIV, VF_DIV); }
INSN(fminnmp,   "0 x 1 01110 1 s 1 bbbbb 11000 1 aaaaa ddddd", NULL, T3)	{ pairwise(t, o, false, IR_VFMINNM, VF_MINNM); }
INSN(fabd,      "0 x 1 01110 1 s 1 bbbbb 11010 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_ABD); }
INSN(fcmgt,     "0 x 1 01110 1 s 1 bbbbb 11100 1 aaaaa ddddd", NULL, T3)	{ compare(t, o, false, VF_CMGT); }
INSN(facgt,     "0 x 1 01110 1 s 1 bbbbb 11101 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_ACGT); }
INSN(fminp,     "0 x 1 01110 1 s 1 bbbbb 11110 1 aaaaa ddddd", NULL, T3)	{ pairwise(t, o, false, IR_VFMIN, VF_MIN); }
INSN(fmulx_s,   "01 0 11110 0 s 1 bbbbb 11011 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_MULX); }
INSN(fcmeq_s,   "01 0 11110 0 s 1 bbbbb 11100 1 aaaaa ddddd", NULL, T3)	{ compare(t, o, false, VF_CMEQ); }
INSN(frecps_s,  "01 0 11110 0 s 1 bbbbb 11111 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_RECPS); }
INSN(frsqrts_s, "01 0 11110 1 s 1 bbbbb 11111 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_RSQRTS); }
INSN(fcmge_s,   "01 1 11110 0 s 1 bbbbb 11100 1 aaaaa ddddd", NULL, T3)	{ compare(t, o, false, VF_CMGE); }
INSN(facge_s,   "01 1 11110 0 s 1 bbbbb 11101 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_ACGE); }
INSN(fabd_s,    "01 1 11110 1 s 1 bbbbb 11010 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_ABD); }
INSN(fcmgt_s,   "01 1 11110 1 s 1 bbbbb 11100 1 aaaaa ddddd", NULL, T3)	{ compare(t, o, false, VF_CMGT); }
INSN(facgt_s,   "01 1 11110 1 s 1 bbbbb 11101 1 aaaaa ddddd", NULL, T3)	{ three(t, o, false, 0, VF_ACGT); }

INSN(fcvtn,     "0 x 0 01110 0 s 10000 10110 10 aaaaa ddddd", NULL, T2)	{ narrow(t, o, false); }
INSN(fcvtxn,    "0 x 1 01110 0 s 10000 10110 10 aaaaa ddddd", NULL, T2)	{ narrow(t, o, true); }
INSN(fcvtxn_s,  "01 1 11110 0 s 10000 10110 10 aaaaa ddddd",  NULL, T2)	{ narrow(t, o, true); }
INSN(fcvtl,     "0 x 0 01110 0 s 10000 10111 10 aaaaa ddddd", NULL, T2)	{ widen(t, o); }
INSN(fabs_v,    "0 x 0 01110 1 s 10000 01111 10 aaaaa ddddd", NULL, T2)	{ sign(t, o, false, true); }
INSN(fneg_v,    "0 x 1 01110 1 s 10000 01111 10 aaaaa ddddd", NULL, T2)	{ sign(t, o, false, false); }
INSN(fsqrt_v,   "0 x 1 01110 1 s 10000 11111 10 aaaaa ddddd", NULL, T2)	{ one(t, o, false, VF_SQRT, 0); }
INSN(frecpx,    "01 0 11110 1 s 10000 11111 10 aaaaa ddddd",  NULL, T2)	{ one(t, o, false, VF_RECPX, 0); }
INSN(frint32z_v, "0 x 0 01110 0 s 10000 11110 10 aaaaa ddddd", NULL, T2)	{ sized(t, o, VF_RINT32Z); }
INSN(frint32x_v, "0 x 1 01110 0 s 10000 11110 10 aaaaa ddddd", NULL, T2)	{ sized(t, o, VF_RINT32X); }
INSN(frint64z_v, "0 x 0 01110 0 s 10000 11111 10 aaaaa ddddd", NULL, T2)	{ sized(t, o, VF_RINT64Z); }
INSN(frint64x_v, "0 x 1 01110 0 s 10000 11111 10 aaaaa ddddd", NULL, T2)	{ sized(t, o, VF_RINT64X); }

/* Vector and scalar lines of what has both. */
#define BOTH(name, u, a, opcode, body)                                                            \
	INSN(name, "0 x " u " 01110 " a " s 10000 " opcode " 10 aaaaa ddddd", NULL, T2) { body; } \
	INSN(name##_1, "01 " u " 11110 " a " s 10000 " opcode " 10 aaaaa ddddd", NULL, T2) { body; }
#define VECTOR(name, u, a, opcode, body) \
	INSN(name, "0 x " u " 01110 " a " s 10000 " opcode " 10 aaaaa ddddd", NULL, T2) { body; }
VECTOR(frintn_v, "0", "0", "11000", one(t, o, false, VF_RINT, FP_RNE))
VECTOR(frintm_v, "0", "0", "11001", one(t, o, false, VF_RINT, FP_RDN))
VECTOR(frintp_v, "0", "1", "11000", one(t, o, false, VF_RINT, FP_RUP))
VECTOR(frintz_v, "0", "1", "11001", one(t, o, false, VF_RINT, FP_RTZ))
VECTOR(frinta_v, "1", "0", "11000", one(t, o, false, VF_RINT, FP_RMM))
VECTOR(frintx_v, "1", "0", "11001", one(t, o, false, VF_RINTX, 0))
VECTOR(frinti_v, "1", "1", "11001", one(t, o, false, VF_RINTI, 0))
BOTH(fcvtns_v, "0", "0", "11010", to_int(t, o, false, FP_RNE, false))
BOTH(fcvtms_v, "0", "0", "11011", to_int(t, o, false, FP_RDN, false))
BOTH(fcvtas_v, "0", "0", "11100", to_int(t, o, false, FP_RMM, false))
BOTH(scvtf_v,  "0", "0", "11101", from_int(t, o, false, false))
BOTH(fcvtps_v, "0", "1", "11010", to_int(t, o, false, FP_RUP, false))
BOTH(fcvtzs_v, "0", "1", "11011", to_int(t, o, false, FP_RTZ, false))
BOTH(frecpe_v, "0", "1", "11101", one(t, o, false, VF_RECPE, 0))
BOTH(fcvtnu_v, "1", "0", "11010", to_int(t, o, false, FP_RNE, true))
BOTH(fcvtmu_v, "1", "0", "11011", to_int(t, o, false, FP_RDN, true))
BOTH(fcvtau_v, "1", "0", "11100", to_int(t, o, false, FP_RMM, true))
BOTH(ucvtf_v,  "1", "0", "11101", from_int(t, o, false, true))
BOTH(fcvtpu_v, "1", "1", "11010", to_int(t, o, false, FP_RUP, true))
BOTH(fcvtzu_v, "1", "1", "11011", to_int(t, o, false, FP_RTZ, true))
BOTH(frsqrte_v, "1", "1", "11101", one(t, o, false, VF_RSQRTE, 0))
BOTH(fcmgt_z,  "0", "1", "01100", compare_zero(t, o, false, VF_CMGT, false))
BOTH(fcmeq_z,  "0", "1", "01101", compare_zero(t, o, false, VF_CMEQ, false))
BOTH(fcmlt_z,  "0", "1", "01110", compare_zero(t, o, false, VF_CMGT, true))
BOTH(fcmge_z,  "1", "1", "01100", compare_zero(t, o, false, VF_CMGE, false))
BOTH(fcmle_z,  "1", "1", "01101", compare_zero(t, o, false, VF_CMGE, true))

INSN(fmaxnmp_s, "01 1 11110 0 s 11000 01100 10 aaaaa ddddd", NULL, T2)	{ pair_scalar(t, o, false, VF_MAXNM); }
INSN(faddp_s,   "01 1 11110 0 s 11000 01101 10 aaaaa ddddd", NULL, T2)	{ pair_scalar(t, o, false, VF_ADD); }
INSN(fmaxp_s,   "01 1 11110 0 s 11000 01111 10 aaaaa ddddd", NULL, T2)	{ pair_scalar(t, o, false, VF_MAX); }
INSN(fminnmp_s, "01 1 11110 1 s 11000 01100 10 aaaaa ddddd", NULL, T2)	{ pair_scalar(t, o, false, VF_MINNM); }
INSN(fminp_s,   "01 1 11110 1 s 11000 01111 10 aaaaa ddddd", NULL, T2)	{ pair_scalar(t, o, false, VF_MIN); }
INSN(fmaxnmv,   "01 1 01110 0 0 11000 01100 10 aaaaa ddddd", NULL, T2)	{ across(t, o, LANE_32, 4, VF_MAXNM); }
INSN(fmaxv,     "01 1 01110 0 0 11000 01111 10 aaaaa ddddd", NULL, T2)	{ across(t, o, LANE_32, 4, VF_MAX); }
INSN(fminnmv,   "01 1 01110 1 0 11000 01100 10 aaaaa ddddd", NULL, T2)	{ across(t, o, LANE_32, 4, VF_MINNM); }
INSN(fminv,     "01 1 01110 1 0 11000 01111 10 aaaaa ddddd", NULL, T2)	{ across(t, o, LANE_32, 4, VF_MIN); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_FP16
/* clang-format off */
#define H3(name, u, a, opc, body) \
	INSN(name, "0 x " u " 01110 " a " 10 bbbbb 00 " opc " 1 aaaaa ddddd", NULL, T3) { body; }
#define H3_BOTH(name, u, a, opc, body) H3(name, u, a, opc, body)                                    \
	INSN(name##_1, "01 " u " 11110 " a " 10 bbbbb 00 " opc " 1 aaaaa ddddd", NULL, T3) { body; }
H3(fmaxnm_h,  "0", "0", "000", three(t, o, true, 0, VF_MAXNM))
H3(fmla_h,    "0", "0", "001", fused(t, o, true, false))
H3(fadd_h,    "0", "0", "010", three(t, o, true, 0, VF_ADD))
H3_BOTH(fmulx_h,  "0", "0", "011", three(t, o, true, 0, VF_MULX))
H3_BOTH(fcmeq_h,  "0", "0", "100", compare(t, o, true, VF_CMEQ))
H3(fmax_h,    "0", "0", "110", three(t, o, true, 0, VF_MAX))
H3_BOTH(frecps_h, "0", "0", "111", three(t, o, true, 0, VF_RECPS))
H3(fminnm_h,  "0", "1", "000", three(t, o, true, 0, VF_MINNM))
H3(fmls_h,    "0", "1", "001", fused(t, o, true, true))
H3(fsub_h,    "0", "1", "010", three(t, o, true, 0, VF_SUB))
H3(fmin_h,    "0", "1", "110", three(t, o, true, 0, VF_MIN))
H3_BOTH(frsqrts_h, "0", "1", "111", three(t, o, true, 0, VF_RSQRTS))
H3(fmaxnmp_h, "1", "0", "000", pairwise(t, o, true, 0, VF_MAXNM))
H3(faddp_h,   "1", "0", "010", pairwise(t, o, true, 0, VF_ADD))
H3(fmul_h,    "1", "0", "011", three(t, o, true, 0, VF_MUL))
H3_BOTH(fcmge_h,  "1", "0", "100", compare(t, o, true, VF_CMGE))
H3_BOTH(facge_h,  "1", "0", "101", three(t, o, true, 0, VF_ACGE))
H3(fmaxp_h,   "1", "0", "110", pairwise(t, o, true, 0, VF_MAX))
H3(fdiv_h,    "1", "0", "111", three(t, o, true, 0, VF_DIV))
H3(fminnmp_h, "1", "1", "000", pairwise(t, o, true, 0, VF_MINNM))
H3_BOTH(fabd_h,   "1", "1", "010", three(t, o, true, 0, VF_ABD))
H3_BOTH(fcmgt_h,  "1", "1", "100", compare(t, o, true, VF_CMGT))
H3_BOTH(facgt_h,  "1", "1", "101", three(t, o, true, 0, VF_ACGT))
H3(fminp_h,   "1", "1", "110", pairwise(t, o, true, 0, VF_MIN))

#define H2(name, u, a, opcode, body) \
	INSN(name, "0 x " u " 01110 " a " 111100 " opcode " 10 aaaaa ddddd", NULL, T2) { body; }
#define H2_BOTH(name, u, a, opcode, body) H2(name, u, a, opcode, body)                              \
	INSN(name##_1, "01 " u " 11110 " a " 111100 " opcode " 10 aaaaa ddddd", NULL, T2) { body; }
H2(frintn_h, "0", "0", "11000", one(t, o, true, VF_RINT, FP_RNE))
H2(frintm_h, "0", "0", "11001", one(t, o, true, VF_RINT, FP_RDN))
H2(frintp_h, "0", "1", "11000", one(t, o, true, VF_RINT, FP_RUP))
H2(frintz_h, "0", "1", "11001", one(t, o, true, VF_RINT, FP_RTZ))
H2(frinta_h, "1", "0", "11000", one(t, o, true, VF_RINT, FP_RMM))
H2(frintx_h, "1", "0", "11001", one(t, o, true, VF_RINTX, 0))
H2(frinti_h, "1", "1", "11001", one(t, o, true, VF_RINTI, 0))
H2(fabs_h,   "0", "1", "01111", sign(t, o, true, true))
H2(fneg_h,   "1", "1", "01111", sign(t, o, true, false))
H2(fsqrt_h,  "1", "1", "11111", one(t, o, true, VF_SQRT, 0))
INSN(frecpx_h, "01 0 11110 1 111100 11111 10 aaaaa ddddd", NULL, T2) { one(t, o, true, VF_RECPX, 0); }
H2_BOTH(fcvtns_h, "0", "0", "11010", to_int(t, o, true, FP_RNE, false))
H2_BOTH(fcvtms_h, "0", "0", "11011", to_int(t, o, true, FP_RDN, false))
H2_BOTH(fcvtas_h, "0", "0", "11100", to_int(t, o, true, FP_RMM, false))
H2_BOTH(scvtf_h,  "0", "0", "11101", from_int(t, o, true, false))
H2_BOTH(fcvtps_h, "0", "1", "11010", to_int(t, o, true, FP_RUP, false))
H2_BOTH(fcvtzs_h, "0", "1", "11011", to_int(t, o, true, FP_RTZ, false))
H2_BOTH(frecpe_h, "0", "1", "11101", one(t, o, true, VF_RECPE, 0))
H2_BOTH(fcvtnu_h, "1", "0", "11010", to_int(t, o, true, FP_RNE, true))
H2_BOTH(fcvtmu_h, "1", "0", "11011", to_int(t, o, true, FP_RDN, true))
H2_BOTH(fcvtau_h, "1", "0", "11100", to_int(t, o, true, FP_RMM, true))
H2_BOTH(ucvtf_h,  "1", "0", "11101", from_int(t, o, true, true))
H2_BOTH(fcvtpu_h, "1", "1", "11010", to_int(t, o, true, FP_RUP, true))
H2_BOTH(fcvtzu_h, "1", "1", "11011", to_int(t, o, true, FP_RTZ, true))
H2_BOTH(frsqrte_h, "1", "1", "11101", one(t, o, true, VF_RSQRTE, 0))
H2_BOTH(fcmgt_zh, "0", "1", "01100", compare_zero(t, o, true, VF_CMGT, false))
H2_BOTH(fcmeq_zh, "0", "1", "01101", compare_zero(t, o, true, VF_CMEQ, false))
H2_BOTH(fcmlt_zh, "0", "1", "01110", compare_zero(t, o, true, VF_CMGT, true))
H2_BOTH(fcmge_zh, "1", "1", "01100", compare_zero(t, o, true, VF_CMGE, false))
H2_BOTH(fcmle_zh, "1", "1", "01101", compare_zero(t, o, true, VF_CMGE, true))
INSN(fmaxnmp_sh, "01 0 11110 0 0 11000 01100 10 aaaaa ddddd", NULL, T2)	{ pair_scalar(t, o, true, VF_MAXNM); }
INSN(faddp_sh,   "01 0 11110 0 0 11000 01101 10 aaaaa ddddd", NULL, T2)	{ pair_scalar(t, o, true, VF_ADD); }
INSN(fmaxp_sh,   "01 0 11110 0 0 11000 01111 10 aaaaa ddddd", NULL, T2)	{ pair_scalar(t, o, true, VF_MAX); }
INSN(fminnmp_sh, "01 0 11110 1 0 11000 01100 10 aaaaa ddddd", NULL, T2)	{ pair_scalar(t, o, true, VF_MINNM); }
INSN(fminp_sh,   "01 0 11110 1 0 11000 01111 10 aaaaa ddddd", NULL, T2)	{ pair_scalar(t, o, true, VF_MIN); }
INSN(fmaxnmv_h,  "0 x 0 01110 0 0 11000 01100 10 aaaaa ddddd", NULL, T2)	{ across(t, o, LANE_16, o->x ? 8 : 4, VF_MAXNM); }
INSN(fmaxv_h,    "0 x 0 01110 0 0 11000 01111 10 aaaaa ddddd", NULL, T2)	{ across(t, o, LANE_16, o->x ? 8 : 4, VF_MAX); }
INSN(fminnmv_h,  "0 x 0 01110 1 0 11000 01100 10 aaaaa ddddd", NULL, T2)	{ across(t, o, LANE_16, o->x ? 8 : 4, VF_MINNM); }
INSN(fminv_h,    "0 x 0 01110 1 0 11000 01111 10 aaaaa ddddd", NULL, T2)	{ across(t, o, LANE_16, o->x ? 8 : 4, VF_MIN); }
/* clang-format on */
