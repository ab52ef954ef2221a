/* Soft floating point: IEEE 754 operations on bit patterns, exact to the bit
 * in results and flags for each guest, in integer arithmetic alone.
 *
 * How it works: each operation unpacks its operands to {class, sign,
 * exponent, fraction}, computes with a sticky bit and rounds once
 * (fp/core.h).  What differs between guests (which NaN comes out, when a
 * result counts as tiny, what an impossible conversion gives) is data: a
 * const struct fp_rules.  What the guest's control register holds is a
 * struct fp_status, passed to every operation.
 *
 * Interface:
 * - Operations take and return bit patterns: u16 binary16, u32 binary32, u64
 *   binary64.  NaN boxing and vector lanes are the caller's.
 * - s->flags accumulates FP_NX .. FP_ID; nothing clears it but the caller.
 * - All functions are total: every bit pattern is a legal operand.  rm must
 *   be 0 .. FP_ROD (asserted in debug builds): the guest's reserved modes
 *   are rejected by its decoder.
 * - No global state, nothing of the host's FPU is read or written: safe on any
 *   thread, and under any host MXCSR.
 *
 * Not modelled: trapped exceptions (callers look at the flags), Arm's
 * alternative half precision (FPCR.AHP) and FPCR.AH/NEP, bfloat16, x87's
 * 80-bit format, binary128, decimal.
 *
 * Spec: IEEE 754-2008 and -2019; RISC-V unprivileged ISA ch. F, D, Zfh; Arm
 * ARM (DDI 0487) shared/functions/float; Intel SDM vol. 1 ch. 4, 11, 14.
 */
#ifndef FP_FP_H
#define FP_FP_H

#include "base/base.h"

/* Rounding modes; 0..4 are RISC-V's numbers. */
enum fp_rm {
	FP_RNE,		/* nearest, ties to even */
	FP_RTZ,		/* toward zero */
	FP_RDN,		/* toward minus infinity */
	FP_RUP,		/* toward plus infinity */
	FP_RMM,		/* nearest, ties away from zero */
	FP_ROD,		/* to odd: truncate, then set the last bit if inexact (Arm FCVTXN) */
};

/* Exception flags; the low five are RISC-V's fflags. */
enum {
	FP_NX = 1,	/* inexact */
	FP_UF = 2,	/* underflow */
	FP_OF = 4,	/* overflow */
	FP_DZ = 8,	/* division by zero */
	FP_NV = 16,	/* invalid operation */
	FP_ID = 32,	/* denormal operand: Arm IDC, x86 DE (enum fp_denormal_rule) */
};

/* ---- what differs between guests ---- */

/* Which NaN an operation with NaN operands returns (quieted). */
enum fp_nan_rule {
	FP_NAN_DEFAULT,		/* always the default NaN */
	FP_NAN_SIGNALLING_FIRST,	/* the first SNaN, else the first QNaN */
	FP_NAN_FIRST,		/* the first operand that is a NaN */
};

/* fma(inf, 0, c) where c is a QNaN. */
enum fp_fma_inf_zero_rule {
	FP_INF_ZERO_DEFAULT_NV,	/* the default NaN, NV set */
	FP_INF_ZERO_QNAN,	/* c, no flag */
};

/* What a minimum or maximum does with NaNs and with zeros of both signs. */
enum fp_min_rule {
	FP_MIN_NUMBER_2019,	/* a NaN loses to a number, SNaN sets NV; -0 < +0 */
	FP_MIN_NUMBER_2008,	/* a QNaN loses to a number, a SNaN gives a NaN and NV; -0 < +0 */
	FP_MIN_PROPAGATE,	/* NaNs by the NaN rule; -0 < +0 */
	FP_MIN_SECOND,		/* any NaN sets NV; NaN or both zero: the second operand as is */
};

/* Float to integer, when the value is a NaN or does not fit; NV in all cases. */
enum fp_int_rule {
	FP_INT_NAN_MAX,		/* saturate; a NaN gives the largest integer */
	FP_INT_NAN_ZERO,	/* saturate; a NaN gives 0 */
	FP_INT_INDEFINITE,	/* signed: the most negative; unsigned: all ones */
};

/* When a denormal operand sets FP_ID. */
enum fp_denormal_rule {
	FP_DENORMAL_SILENT,	/* never */
	FP_DENORMAL_FLUSHED,	/* when flush_inputs made it zero; never for binary16 */
	FP_DENORMAL_USED,	/* when it took part as it is, NaNs and invalid having precedence */
};

/* One guest's fixed choices; const data. */
struct fp_rules {
	enum fp_nan_rule nan_rule;
	bool default_nan_negative;	/* sign of the NaN an invalid operation makes */
	bool tiny_before_rounding;	/* else after rounding, to unbounded exponent range */
	bool flush_sets_inexact;	/* flush_outputs: UF and NX, else UF alone */
	bool fma_addend_first;		/* NaN order c, a, b, else a, b, c */
	bool fma_negates_nan;		/* FP_NEG_*: a negated NaN operand comes out negated */
	enum fp_fma_inf_zero_rule fma_inf_zero;
	enum fp_min_rule min_rule;	/* fp_minN, fp_maxN */
	enum fp_min_rule min_alt_rule;	/* fp_min_altN, fp_max_altN */
	enum fp_int_rule int_rule;
	enum fp_denormal_rule denormal_rule;
};

/* RISC-V: min is FMIN (minimumNumber), min_alt is Zfa's FMINM. */
extern const struct fp_rules fp_rules_riscv;
/* Arm with FPCR.AH = 0: min is FMIN, min_alt is FMINNM. */
extern const struct fp_rules fp_rules_arm;
/* x86 SSE and AVX: min is MINSS/MINSD; there is no other, min_alt is the same. */
extern const struct fp_rules fp_rules_x86;

/* What a control register may change, as bits for those who hand it on: see fp_env_apply. */
enum {
	FP_ENV_DEFAULT_NAN = 1,
	FP_ENV_FLUSH_INPUTS = 2,
	FP_ENV_FLUSH_OUTPUTS = 4,
	FP_ENV_FLUSH_16 = 8,		/* Arm FZ16: for binary16 operations, whose callers look at it */
};

/* One guest floating-point environment; the caller's, one thread at a time. */
struct fp_status {
	const struct fp_rules *rules;
	u8 rm;			/* enum fp_rm */
	u8 flags;		/* FP_NX | ..., accumulated */
	bool default_nan;	/* Arm FPCR.DN: every NaN result is the default NaN */
	bool flush_inputs;	/* Arm FZ/FZ16, x86 DAZ: denormal operands are zeros */
	bool flush_outputs;	/* Arm FZ/FZ16, x86 FZ: tiny results are zeros.
				 * Arm flushes what is tiny before rounding. */
};

static inline void fp_env_apply(struct fp_status *s, u32 env)
{
	s->default_nan = env & FP_ENV_DEFAULT_NAN;
	s->flush_inputs = env & FP_ENV_FLUSH_INPUTS;
	s->flush_outputs = env & FP_ENV_FLUSH_OUTPUTS;
}

/* Outcome of a comparison. */
enum fp_order {
	FP_LESS = -1,
	FP_EQUAL = 0,
	FP_GREATER = 1,
	FP_UNORDERED = 2,
};

/* fp_classN: exactly one bit, in the order of RISC-V's FCLASS. */
enum {
	FP_CLASS_NEG_INF = 1 << 0,
	FP_CLASS_NEG_NORMAL = 1 << 1,
	FP_CLASS_NEG_SUBNORMAL = 1 << 2,
	FP_CLASS_NEG_ZERO = 1 << 3,
	FP_CLASS_POS_ZERO = 1 << 4,
	FP_CLASS_POS_SUBNORMAL = 1 << 5,
	FP_CLASS_POS_NORMAL = 1 << 6,
	FP_CLASS_POS_INF = 1 << 7,
	FP_CLASS_SNAN = 1 << 8,
	FP_CLASS_QNAN = 1 << 9,
};

/* fp_fmaN: bits of `how`. */
enum {
	FP_NEG_PRODUCT = 1,	/* -(a * b) + c */
	FP_NEG_ADDEND = 2,	/* a * b - c */
	FP_HALVE = 4,		/* half of the sum, before rounding (Arm FRSQRTS) */
};

/* ---- arithmetic: rounded by s->rm ---- */

u16 fp_add16(struct fp_status *s, u16 a, u16 b);
u32 fp_add32(struct fp_status *s, u32 a, u32 b);
u64 fp_add64(struct fp_status *s, u64 a, u64 b);
u16 fp_sub16(struct fp_status *s, u16 a, u16 b);
u32 fp_sub32(struct fp_status *s, u32 a, u32 b);
u64 fp_sub64(struct fp_status *s, u64 a, u64 b);
u16 fp_mul16(struct fp_status *s, u16 a, u16 b);
u32 fp_mul32(struct fp_status *s, u32 a, u32 b);
u64 fp_mul64(struct fp_status *s, u64 a, u64 b);
u16 fp_div16(struct fp_status *s, u16 a, u16 b);
u32 fp_div32(struct fp_status *s, u32 a, u32 b);
u64 fp_div64(struct fp_status *s, u64 a, u64 b);
u16 fp_sqrt16(struct fp_status *s, u16 a);
u32 fp_sqrt32(struct fp_status *s, u32 a);
u64 fp_sqrt64(struct fp_status *s, u64 a);

/* a * b + c rounded once; how: FP_NEG_PRODUCT | FP_NEG_ADDEND | FP_HALVE. */
u16 fp_fma16(struct fp_status *s, u16 a, u16 b, u16 c, u32 how);
u32 fp_fma32(struct fp_status *s, u32 a, u32 b, u32 c, u32 how);
u64 fp_fma64(struct fp_status *s, u64 a, u64 b, u64 c, u32 how);

/* ---- minimum, maximum, comparison, class: exact ---- */

u16 fp_min16(struct fp_status *s, u16 a, u16 b);
u32 fp_min32(struct fp_status *s, u32 a, u32 b);
u64 fp_min64(struct fp_status *s, u64 a, u64 b);
u16 fp_max16(struct fp_status *s, u16 a, u16 b);
u32 fp_max32(struct fp_status *s, u32 a, u32 b);
u64 fp_max64(struct fp_status *s, u64 a, u64 b);
u16 fp_min_alt16(struct fp_status *s, u16 a, u16 b);
u32 fp_min_alt32(struct fp_status *s, u32 a, u32 b);
u64 fp_min_alt64(struct fp_status *s, u64 a, u64 b);
u16 fp_max_alt16(struct fp_status *s, u16 a, u16 b);
u32 fp_max_alt32(struct fp_status *s, u32 a, u32 b);
u64 fp_max_alt64(struct fp_status *s, u64 a, u64 b);

/* fp_cmpN is quiet: NV for a SNaN only.  fp_cmp_sigN: NV for any NaN. */
enum fp_order fp_cmp16(struct fp_status *s, u16 a, u16 b);
enum fp_order fp_cmp32(struct fp_status *s, u32 a, u32 b);
enum fp_order fp_cmp64(struct fp_status *s, u64 a, u64 b);
enum fp_order fp_cmp_sig16(struct fp_status *s, u16 a, u16 b);
enum fp_order fp_cmp_sig32(struct fp_status *s, u32 a, u32 b);
enum fp_order fp_cmp_sig64(struct fp_status *s, u64 a, u64 b);

/* RISC-V's FEQ (quiet), FLT and FLE (signalling) are these; FLTQ, FLEQ (Zfa) use fp_cmpN. */
static inline bool fp_eq16(struct fp_status *s, u16 a, u16 b) { return fp_cmp16(s, a, b) == 0; }
static inline bool fp_eq32(struct fp_status *s, u32 a, u32 b) { return fp_cmp32(s, a, b) == 0; }
static inline bool fp_eq64(struct fp_status *s, u64 a, u64 b) { return fp_cmp64(s, a, b) == 0; }
static inline bool fp_lt16(struct fp_status *s, u16 a, u16 b) { return fp_cmp_sig16(s, a, b) < 0; }
static inline bool fp_lt32(struct fp_status *s, u32 a, u32 b) { return fp_cmp_sig32(s, a, b) < 0; }
static inline bool fp_lt64(struct fp_status *s, u64 a, u64 b) { return fp_cmp_sig64(s, a, b) < 0; }
static inline bool fp_le16(struct fp_status *s, u16 a, u16 b) { return fp_cmp_sig16(s, a, b) <= 0; }
static inline bool fp_le32(struct fp_status *s, u32 a, u32 b) { return fp_cmp_sig32(s, a, b) <= 0; }
static inline bool fp_le64(struct fp_status *s, u64 a, u64 b) { return fp_cmp_sig64(s, a, b) <= 0; }

/* FP_CLASS_*; looks at the bits alone, no flags, no flushing. */
u32 fp_class16(u16 a);
u32 fp_class32(u32 a);
u32 fp_class64(u64 a);

/* ---- conversions ---- */

/* Between formats, rounded by s->rm.  The binary16 side is never flushed. */
u32 fp_f16_to_f32(struct fp_status *s, u16 a);
u64 fp_f16_to_f64(struct fp_status *s, u16 a);
u16 fp_f32_to_f16(struct fp_status *s, u32 a);
u64 fp_f32_to_f64(struct fp_status *s, u32 a);
u16 fp_f64_to_f16(struct fp_status *s, u64 a);
u32 fp_f64_to_f32(struct fp_status *s, u64 a);

/* To integers, rounded by rm (not s->rm); what does not fit follows int_rule. */
i32 fp_f16_to_i32(struct fp_status *s, enum fp_rm rm, u16 a);
i32 fp_f32_to_i32(struct fp_status *s, enum fp_rm rm, u32 a);
i32 fp_f64_to_i32(struct fp_status *s, enum fp_rm rm, u64 a);
i64 fp_f16_to_i64(struct fp_status *s, enum fp_rm rm, u16 a);
i64 fp_f32_to_i64(struct fp_status *s, enum fp_rm rm, u32 a);
i64 fp_f64_to_i64(struct fp_status *s, enum fp_rm rm, u64 a);
u32 fp_f16_to_u32(struct fp_status *s, enum fp_rm rm, u16 a);
u32 fp_f32_to_u32(struct fp_status *s, enum fp_rm rm, u32 a);
u32 fp_f64_to_u32(struct fp_status *s, enum fp_rm rm, u64 a);
u64 fp_f16_to_u64(struct fp_status *s, enum fp_rm rm, u16 a);
u64 fp_f32_to_u64(struct fp_status *s, enum fp_rm rm, u32 a);
u64 fp_f64_to_u64(struct fp_status *s, enum fp_rm rm, u64 a);

/* Shape of an integer or fixed-point number. */
struct fp_fixed {
	u8 bits;	/* 8..64 */
	u8 fraction;	/* bits below the point, 0..64 */
	bool is_signed;
};

/* a * 2^fraction as an integer of fx->bits, sign- or zero-extended to 64. */
u64 fp_f16_to_fixed(struct fp_status *s, enum fp_rm rm, const struct fp_fixed *fx, u16 a);
u64 fp_f32_to_fixed(struct fp_status *s, enum fp_rm rm, const struct fp_fixed *fx, u32 a);
u64 fp_f64_to_fixed(struct fp_status *s, enum fp_rm rm, const struct fp_fixed *fx, u64 a);

/* From integers, rounded by s->rm. */
u16 fp_i32_to_f16(struct fp_status *s, i32 v);
u32 fp_i32_to_f32(struct fp_status *s, i32 v);
u64 fp_i32_to_f64(struct fp_status *s, i32 v);
u16 fp_i64_to_f16(struct fp_status *s, i64 v);
u32 fp_i64_to_f32(struct fp_status *s, i64 v);
u64 fp_i64_to_f64(struct fp_status *s, i64 v);
u16 fp_u32_to_f16(struct fp_status *s, u32 v);
u32 fp_u32_to_f32(struct fp_status *s, u32 v);
u64 fp_u32_to_f64(struct fp_status *s, u32 v);
u16 fp_u64_to_f16(struct fp_status *s, u64 v);
u32 fp_u64_to_f32(struct fp_status *s, u64 v);
u64 fp_u64_to_f64(struct fp_status *s, u64 v);

/* v / 2^fraction; only the low fx->bits of v count. */
u16 fp_fixed_to_f16(struct fp_status *s, const struct fp_fixed *fx, u64 v);
u32 fp_fixed_to_f32(struct fp_status *s, const struct fp_fixed *fx, u64 v);
u64 fp_fixed_to_f64(struct fp_status *s, const struct fp_fixed *fx, u64 v);

/* To an integral value in the same format, rounded by rm; NX only if `exact`. */
u16 fp_rint16(struct fp_status *s, enum fp_rm rm, bool exact, u16 a);
u32 fp_rint32(struct fp_status *s, enum fp_rm rm, bool exact, u32 a);
u64 fp_rint64(struct fp_status *s, enum fp_rm rm, bool exact, u64 a);

#endif
