/* C helpers on vectors: what has no short form in IR operations.  Private to target/arm64.
 *
 * Each takes its operation, lane and count in the constant of its call, and computes lane by lane; lanes past the count
 * become zero. */
#ifndef TARGET_ARM64_VEC_H
#define TARGET_ARM64_VEC_H

#include "target/arm64/arm64.h"

/* vec_int.c: integers.  imm = VEC(op, lane, lanes, how) */
#define VEC(op, lane, lanes, how) ((u32)(op) | (u32)(lane) << 6 | (u32)(lanes) << 8 | (u32)(how) << 13)
enum { VEC_U = 1 };	/* how: unsigned */
enum vec_int_op {
	VI_HADD, VI_RHADD, VI_HSUB, VI_QADD, VI_QSUB, VI_SHL, VI_QSHL, VI_RSHL, VI_QRSHL, VI_ABD, VI_PMUL, VI_QDMULH,
	VI_QRDMULH, VI_QRDMLAH, VI_QRDMLSH, VI_MUL64, VI_CMTST, VI_QABS, VI_QNEG, VI_CLS, VI_CLZ, VI_RBIT, VI_SUQADD,
	VI_USQADD, VI_RECPE, VI_RSQRTE, VI_MIN64, VI_MAX64,
};
extern const struct ir_vhelper *const arm64_vec_int;	/* d = op(a, b), c the accumulator */

/* Shifts by a constant; how is the amount, and the operation says the rest. */
enum vec_shift_op {
	VS_SRSHR, VS_URSHR, VS_SRI, VS_SLI, VS_SQSHL, VS_UQSHL, VS_SQSHLU,
};
#define VEC_SHIFT(op, lane, lanes_log2, amount) \
	((u32)(op) | (u32)(lane) << 4 | (u32)(lanes_log2) << 6 | (u32)(amount) << 9)
extern const struct ir_vhelper *const arm64_vec_shift;	/* of a; b is what SRI and SLI insert into */

/* From lanes of twice the width to `lane`, in the low half; how: VN_*, amount of a right shift. */
enum { VN_ROUND = 1, VN_SAT = 2, VN_FROM_U = 4, VN_TO_U = 8 };
#define VEC_NARROW(how, lane, lanes_log2, amount) \
	((u32)(how) | (u32)(lane) << 4 | (u32)(lanes_log2) << 6 | (u32)(amount) << 9)
extern const struct ir_vhelper *const arm64_vec_narrow;

/* Lanes of a and b to products of twice the width: imm = VEC(op, lane, lanes of the result, VEC_U); c accumulates. */
enum vec_long_op { VL_QDMULL, VL_QDMLAL, VL_QDMLSL, VL_PMULL, VL_ABAL, VL_ABDL };
extern const struct ir_vhelper *const arm64_vec_long;

u32 arm64_recip_estimate(u32 a), arm64_rsqrt_estimate(u32 a);	/* nine bits to nine bits */

/* vec_fp.c: floating point, lanes H S D; imm = VEC(op, lane, lanes, how) */
enum vec_fp_op {
	VF_ADD, VF_SUB, VF_MUL, VF_DIV, VF_MIN, VF_MAX, VF_MINNM, VF_MAXNM, VF_MULX, VF_ABD, VF_RECPS, VF_RSQRTS,
	VF_ACGE, VF_ACGT, VF_CMEQ, VF_CMGE, VF_CMGT, VF_SQRT, VF_RECPE, VF_RSQRTE, VF_RECPX,
	VF_FMA, VF_FMS, VF_FNMA, VF_FNMS,	/* c + ab, c - ab, -c - ab, -c + ab */
	VF_NMUL, VF_NEG, VF_ABS,
	VF_RINT,	/* how: rounding, 0 .. 4 of enum fp_rm */
	VF_RINTX, VF_RINTI,	/* FPCR's rounding, with and without inexact */
	VF_RINT32Z, VF_RINT32X, VF_RINT64Z, VF_RINT64X,
	VF_TO_H, VF_TO_S, VF_TO_D, VF_TO_S_ODD,	/* lane: of the operand; the results are lanes from 0 on */
};
extern const struct ir_vhelper *const arm64_vec_fp;

/* Floating point to and from integers or fixed point: imm = VEC_FIX(op, lane, rounding), b = of struct vec_fixed */
enum { VX_TO_INT, VX_FROM_INT };
union vec_fixed {
	struct { u8 bits, fraction, is_unsigned, lanes, int_lane; } f;	/* of integers; int_lane: where they lie */
	u64 word;
};
/* The half of v that a widening instruction takes: the upper one with Q, as the low half. */
ir_ref arm64_half(struct ir *t, u32 q, ir_ref v);
u64 arm64_fp_imm(u32 imm8, u32 lane);	/* VFPExpandImm */
#define VEC_FIX(op, lane, rm) ((u32)(op) | (u32)(lane) << 2 | (u32)(rm) << 4)
extern const struct ir_vhelper *const arm64_vec_fix;

/* N Z C V of a comparison of binary16. */
u32 arm64_fcmp16(struct vcpu *cpu, u16 a, u16 b, bool quiet);
/* A status for operations on this lane; fp_flags take its flags when done. */
struct fp_status arm64_fp_status(struct vcpu *cpu, u32 lane);

#endif
