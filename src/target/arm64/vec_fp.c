/* Floating-point operations on vectors in C, for binary16, and for what the IR
 * has no operation for (vec.h).  Scalars are vectors of one lane.
 *
 * binary16 operations flush by FPCR.FZ16, the others by FPCR.FZ.
 * Thread: the vCPU's own.  Spec: DDI 0487, shared/functions/float.
 */
#define FEATURE ARM_BASE
#include "target/arm64/vec.h"
#include "base/bits.h"

struct fp_status arm64_fp_status(struct vcpu *cpu, u32 lane)
{
	static const u8 rm[4] = { FP_RNE, FP_RUP, FP_RDN, FP_RTZ };
	struct fp_status s = { .rules = &fp_rules_arm };

	s.rm = rm[arm64_state(cpu)->fpcr >> FPCR_RMODE_SHIFT & 3];
	fp_env_apply(&s, cpu->fp_env);
	if (lane == LANE_16)
		s.flush_inputs = s.flush_outputs = cpu->fp_env & FP_ENV_FLUSH_16;
	return s;
}

static u64 get(const union ir_vec *v, u32 lane, u32 k)
{
	return lane == LANE_16 ? v->h[k] : lane == LANE_32 ? v->w[k] : v->d[k];
}

static void set(union ir_vec *v, u32 lane, u32 k, u64 x)
{
	if (lane == LANE_16)
		v->h[k] = (u16)x;
	else if (lane == LANE_32)
		v->w[k] = (u32)x;
	else
		v->d[k] = x;
}

#define TWO(name)                                                                                        \
	static u64 name(struct fp_status *s, u32 lane, u64 a, u64 b)                                     \
	{                                                                                                \
		return lane == LANE_16 ? fp_##name##16(s, (u16)a, (u16)b) :                              \
		       lane == LANE_32 ? fp_##name##32(s, (u32)a, (u32)b) : fp_##name##64(s, a, b);      \
	}
TWO(add) TWO(sub) TWO(mul) TWO(div) TWO(min) TWO(max) TWO(min_alt) TWO(max_alt)

static u64 root(struct fp_status *s, u32 lane, u64 a)
{
	return lane == LANE_16 ? fp_sqrt16(s, (u16)a) : lane == LANE_32 ? fp_sqrt32(s, (u32)a) : fp_sqrt64(s, a);
}

static u64 fma_op(struct fp_status *s, u32 lane, u64 a, u64 b, u64 c, u32 how)
{
	return lane == LANE_16 ? fp_fma16(s, (u16)a, (u16)b, (u16)c, how) :
	       lane == LANE_32 ? fp_fma32(s, (u32)a, (u32)b, (u32)c, how) : fp_fma64(s, a, b, c, how);
}

static enum fp_order order_of(struct fp_status *s, u32 lane, u64 a, u64 b, bool quiet)
{
	if (lane == LANE_16)
		return quiet ? fp_cmp16(s, (u16)a, (u16)b) : fp_cmp_sig16(s, (u16)a, (u16)b);
	if (lane == LANE_32)
		return quiet ? fp_cmp32(s, (u32)a, (u32)b) : fp_cmp_sig32(s, (u32)a, (u32)b);
	return quiet ? fp_cmp64(s, a, b) : fp_cmp_sig64(s, a, b);
}

static u64 rint_op(struct fp_status *s, u32 lane, u32 rm, bool exact, u64 a)
{
	return lane == LANE_16 ? fp_rint16(s, rm, exact, (u16)a) :
	       lane == LANE_32 ? fp_rint32(s, rm, exact, (u32)a) : fp_rint64(s, rm, exact, a);
}

static u32 class_of(u32 lane, u64 a)
{
	return lane == LANE_16 ? fp_class16((u16)a) : lane == LANE_32 ? fp_class32((u32)a) : fp_class64(a);
}

/* Shape of a format, by lane. */
static const struct format { u32 bits, fraction, bias; } formats[] = {
	[LANE_16] = { 16, 10, 15 }, [LANE_32] = { 32, 23, 127 }, [LANE_64] = { 64, 52, 1023 },
};

static u64 sign_bit(u32 lane) { return 1ull << (formats[lane].bits - 1); }
static u64 infinity(u32 lane) { return (sign_bit(lane) - 1) >> formats[lane].fraction << formats[lane].fraction; }
static u64 quiet_bit(u32 lane) { return 1ull << (formats[lane].fraction - 1); }
static u64 default_nan(u32 lane) { return infinity(lane) | quiet_bit(lane); }
/* 1.0, 1.5 or 2.0 of the lane */
static u64 number(u32 lane, u32 halves)
{
	u64 one = (u64)formats[lane].bias << formats[lane].fraction;

	return halves == 3 ? one | quiet_bit(lane) : halves == 4 ? one + (1ull << formats[lane].fraction) : one;
}

enum { NANS = FP_CLASS_SNAN | FP_CLASS_QNAN, INFS = FP_CLASS_NEG_INF | FP_CLASS_POS_INF,
       ZEROS = FP_CLASS_NEG_ZERO | FP_CLASS_POS_ZERO, TINY = FP_CLASS_NEG_SUBNORMAL | FP_CLASS_POS_SUBNORMAL };

/* The class as an operation sees it: after flushing. */
static u32 seen_class(struct fp_status *s, u32 lane, u64 *a)
{
	u32 c = class_of(lane, *a);

	if (c & TINY && s->flush_inputs) {
		*a &= sign_bit(lane);
		if (lane != LANE_16)
			s->flags |= FP_ID;
		return class_of(lane, *a);
	}
	return c;
}

static u64 nan_result(struct fp_status *s, u32 lane, u64 a)
{
	if (class_of(lane, a) == FP_CLASS_SNAN)
		s->flags |= FP_NV;
	return s->default_nan ? default_nan(lane) : a | quiet_bit(lane);
}

static bool inf_times_zero(struct fp_status *s, u32 lane, u64 a, u64 b)
{
	u32 ca = seen_class(s, lane, &a), cb = seen_class(s, lane, &b);

	return (ca & INFS && cb & ZEROS) || (ca & ZEROS && cb & INFS);
}

/* FRECPE: eight bits of 1/a. */
static u64 recip(struct fp_status *s, u32 lane, u64 a)
{
	const struct format *f = &formats[lane];
	u64 sign, fraction, r;
	u32 c = seen_class(s, lane, &a);
	i32 exp, out;
	bool to_inf;

	sign = a & sign_bit(lane);
	exp = (i32)((a & ~sign) >> f->fraction);
	fraction = (a & bits_mask(f->fraction)) << (52 - f->fraction);
	if (c & NANS)
		return nan_result(s, lane, a);
	if (c & INFS)
		return sign;
	if (c & ZEROS) {
		s->flags |= FP_DZ;
		return sign | infinity(lane);
	}
	if (!exp && fraction < 1ull << 50) {	/* below 2^-(bias + 1): too big */
		to_inf = s->rm == FP_RNE || s->rm == (sign ? FP_RDN : FP_RUP);
		s->flags |= FP_OF | FP_NX;
		return sign | (to_inf ? infinity(lane) : infinity(lane) - 1);
	}
	if (s->flush_outputs && exp >= (i32)f->bias * 2 - 1) {
		s->flags |= FP_UF;
		return sign;
	}
	if (!exp) {
		u32 by = fraction >> 51 ? 1 : 2;

		exp = by == 1 ? 0 : -1;
		fraction = fraction << by & bits_mask(52);
	}
	out = (i32)f->bias * 2 - 1 - exp;
	r = (u64)(arm64_recip_estimate(256u | (u32)(fraction >> 44)) & 255) << 44;
	if (out <= 0) {
		r = (1ull << 52 | r) >> (out == 0 ? 1 : 2);
		out = 0;
	}
	return sign | (u64)out << f->fraction | r >> (52 - f->fraction);
}

/* FRSQRTE */
static u64 rsqrt(struct fp_status *s, u32 lane, u64 a)
{
	const struct format *f = &formats[lane];
	u32 c = seen_class(s, lane, &a), scaled;
	u64 fraction, sign = a & sign_bit(lane);
	i32 exp, out;

	if (c & NANS)
		return nan_result(s, lane, a);
	if (c & ZEROS) {
		s->flags |= FP_DZ;
		return sign | infinity(lane);
	}
	if (sign) {
		s->flags |= FP_NV;
		return default_nan(lane);
	}
	if (c & INFS)
		return 0;
	exp = (i32)(a >> f->fraction);
	fraction = (a & bits_mask(f->fraction)) << (52 - f->fraction);
	if (!exp) {
		while (!(fraction >> 51)) {
			fraction <<= 1;
			exp--;
		}
		fraction = fraction << 1 & bits_mask(52);
	}
	scaled = exp & 1 ? 128u | (u32)(fraction >> 45) : 256u | (u32)(fraction >> 44);
	out = ((i32)f->bias * 3 - 1 - exp) / 2;
	return (u64)out << f->fraction | (u64)(arm64_rsqrt_estimate(scaled) & 255) << (f->fraction - 8);
}

/* FRECPX: the exponent inverted. */
static u64 recip_exponent(struct fp_status *s, u32 lane, u64 a)
{
	u32 c = seen_class(s, lane, &a);
	u64 exp = a & infinity(lane);

	if (c & NANS)
		return nan_result(s, lane, a);
	return (a & sign_bit(lane)) |
	       (exp ? ~exp & infinity(lane) : infinity(lane) - (1ull << formats[lane].fraction));
}

/* To an integral value that fits in `bits`; else the least integer, and invalid. */
static u64 rint_in(struct fp_status *s, u32 lane, u32 rm, u32 bits, u64 a)
{
	u32 c = seen_class(s, lane, &a);
	const struct format *f = &formats[lane];
	u64 least = sign_bit(lane) | (u64)(f->bias + bits - 1) << f->fraction, r;
	u8 before = s->flags;
	u64 size;

	if (c & (NANS | INFS)) {
		s->flags |= FP_NV;
		return least;
	}
	r = rint_op(s, lane, rm, true, a);
	size = r & ~sign_bit(lane);
	if (size < (least & ~sign_bit(lane)) || r == least)
		return r;
	s->flags = before | FP_NV;
	return least;
}

static u64 compare(struct fp_status *s, u32 op, u32 lane, u64 a, u64 b)
{
	enum fp_order order;

	if (op == VF_ACGE || op == VF_ACGT) {
		a &= ~sign_bit(lane);
		b &= ~sign_bit(lane);
	}
	order = order_of(s, lane, a, b, op == VF_CMEQ);
	if (order == FP_UNORDERED || order == FP_LESS)
		return 0;
	if (op == VF_CMEQ)
		return order == FP_EQUAL ? ~0ull : 0;
	return order == FP_GREATER || op == VF_ACGE || op == VF_CMGE ? ~0ull : 0;
}

/* FRECPS 2 - ab, FRSQRTS (3 - ab) / 2, rounded once. */
static u64 step(struct fp_status *s, u32 op, u32 lane, u64 a, u64 b)
{
	u64 three = number(lane, 4) | quiet_bit(lane);

	if (inf_times_zero(s, lane, a, b))
		return op == VF_RECPS ? number(lane, 4) : number(lane, 3);
	a ^= sign_bit(lane);
	return op == VF_RECPS ? fma_op(s, lane, a, b, number(lane, 4), 0) : fma_op(s, lane, a, b, three, FP_HALVE);
}

static u64 arith(struct fp_status *s, u32 op, u32 lane, u64 a, u64 b, u64 c)
{
	switch (op) {
	case VF_ADD: return add(s, lane, a, b);
	case VF_SUB: return sub(s, lane, a, b);
	case VF_MUL: return mul(s, lane, a, b);
	case VF_DIV: return div(s, lane, a, b);
	case VF_MIN: return min(s, lane, a, b);
	case VF_MAX: return max(s, lane, a, b);
	case VF_MINNM: return min_alt(s, lane, a, b);
	case VF_MAXNM: return max_alt(s, lane, a, b);
	case VF_MULX:
		if (inf_times_zero(s, lane, a, b))
			return number(lane, 4) | ((a ^ b) & sign_bit(lane));
		return mul(s, lane, a, b);
	case VF_ABD: return sub(s, lane, a, b) & ~sign_bit(lane);
	case VF_NMUL: return mul(s, lane, a, b) ^ sign_bit(lane);
	case VF_FMA: return fma_op(s, lane, a, b, c, 0);
	case VF_FMS: return fma_op(s, lane, a, b, c, FP_NEG_PRODUCT);
	case VF_FNMA: return fma_op(s, lane, a, b, c, FP_NEG_PRODUCT | FP_NEG_ADDEND);
	default: return fma_op(s, lane, a, b, c, FP_NEG_ADDEND);
	}
}

static u64 one_lane(struct fp_status *s, u32 op, u32 lane, u32 how, u64 a, u64 b, u64 c)
{
	switch (op) {
	case VF_RECPS: case VF_RSQRTS: return step(s, op, lane, a, b);
	case VF_ACGE: case VF_ACGT: case VF_CMEQ: case VF_CMGE: case VF_CMGT: return compare(s, op, lane, a, b);
	case VF_SQRT: return root(s, lane, a);
	case VF_RECPE: return recip(s, lane, a);
	case VF_RSQRTE: return rsqrt(s, lane, a);
	case VF_RECPX: return recip_exponent(s, lane, a);
	case VF_NEG: return a ^ sign_bit(lane);
	case VF_ABS: return a & ~sign_bit(lane);
	case VF_RINT: return rint_op(s, lane, how, false, a);
	case VF_RINTX: case VF_RINTI: return rint_op(s, lane, s->rm, op == VF_RINTX, a);
	case VF_RINT32Z: return rint_in(s, lane, FP_RTZ, 32, a);
	case VF_RINT32X: return rint_in(s, lane, s->rm, 32, a);
	case VF_RINT64Z: return rint_in(s, lane, FP_RTZ, 64, a);
	case VF_RINT64X: return rint_in(s, lane, s->rm, 64, a);
	default: return arith(s, op, lane, a, b, c);
	}
}

/* Alternative half precision (FPCR.AHP): the greatest exponent is a number's as the others are. */
static u64 from_alternative(struct fp_status *s, u32 to, u16 a)
{
	bool big = (a & 0x7c00) == 0x7c00;
	u16 v = big ? (u16)(a - 0x400) : a;	/* half of it */
	u64 r = to == LANE_32 ? fp_f16_to_f32(s, v) : fp_f16_to_f64(s, v);

	return r + (big ? 1ull << formats[to].fraction : 0);
}

static u64 to_alternative(struct fp_status *s, u32 lane, u64 a)
{
	u32 c = class_of(lane, a);
	u16 sign = a & sign_bit(lane) ? 0x8000 : 0, r;
	u8 before = s->flags;
	bool big;

	if (c & (NANS | INFS)) {
		s->flags |= FP_NV;
		return c & NANS ? sign : sign | 0x7fffu;
	}
	big = (a & infinity(lane)) >> formats[lane].fraction >= formats[lane].bias + 15;
	a -= big ? 1ull << formats[lane].fraction : 0;
	s->flags = 0;
	r = lane == LANE_32 ? fp_f32_to_f16(s, (u32)a) : fp_f64_to_f16(s, a);
	if (s->flags & FP_OF) {
		s->flags = before | FP_NV;
		return sign | 0x7fffu;
	}
	s->flags |= before;
	return r + (big ? 0x400u : 0);
}

/* Between formats; the binary16 side is never flushed. */
static u64 convert(struct fp_status *s, u32 op, u32 lane, bool alternative, u64 a)
{
	if (op == VF_TO_S_ODD) {
		s->rm = FP_ROD;
		return fp_f64_to_f32(s, a);
	}
	if (alternative && lane == LANE_16)
		return from_alternative(s, op == VF_TO_S ? LANE_32 : LANE_64, (u16)a);
	if (alternative && op == VF_TO_H)
		return to_alternative(s, lane, a);
	switch (lane << 8 | op) {
	case LANE_16 << 8 | VF_TO_S: return fp_f16_to_f32(s, (u16)a);
	case LANE_16 << 8 | VF_TO_D: return fp_f16_to_f64(s, (u16)a);
	case LANE_32 << 8 | VF_TO_H: return fp_f32_to_f16(s, (u32)a);
	case LANE_32 << 8 | VF_TO_D: return fp_f32_to_f64(s, (u32)a);
	case LANE_64 << 8 | VF_TO_H: return fp_f64_to_f16(s, a);
	default: return fp_f64_to_f32(s, a);
	}
}

VHELPER(arm64_fp)
{
	u32 op = imm & 63, lane = imm >> 6 & 3, n = imm >> 8 & 31, how = imm >> 13, to = lane;
	bool converts = op >= VF_TO_H, alternative = arm64_state(vcpu)->fpcr & FPCR_AHP;
	struct fp_status s = arm64_fp_status(vcpu, converts ? LANE_32 : lane);
	union ir_vec r = { .d = { 0, 0 } };

	if (converts)
		to = op == VF_TO_H ? LANE_16 : op == VF_TO_D ? LANE_64 : LANE_32;
	for (u32 k = 0; k < n; k++)
		set(&r, to, k, converts ? convert(&s, op, lane, alternative, get(a, lane, k)) :
					  one_lane(&s, op, lane, how, get(a, lane, k), get(b, lane, k), get(c,
							lane, k)));
	((struct vcpu *)vcpu)->fp_flags |= s.flags;
	*d = r;
}
const struct ir_vhelper *const arm64_vec_fp = &vhelper_arm64_fp;

/* ---- integers and fixed point ---- */

static u64 to_int(struct fp_status *s, u32 lane, u32 rm, const struct fp_fixed *fx, u64 a)
{
	return lane == LANE_16 ? fp_f16_to_fixed(s, rm, fx, (u16)a) :
	       lane == LANE_32 ? fp_f32_to_fixed(s, rm, fx, (u32)a) : fp_f64_to_fixed(s, rm, fx, a);
}

static u64 from_int(struct fp_status *s, u32 lane, const struct fp_fixed *fx, u64 v)
{
	return lane == LANE_16 ? fp_fixed_to_f16(s, fx, v) :
	       lane == LANE_32 ? fp_fixed_to_f32(s, fx, v) : fp_fixed_to_f64(s, fx, v);
}

VHELPER(arm64_fix)
{
	u32 lane = imm >> 2 & 3, rm = imm >> 4;
	union vec_fixed how = { .word = b->d[0] };
	struct fp_fixed fx = { how.f.bits, how.f.fraction, !how.f.is_unsigned };
	struct fp_status s = arm64_fp_status(vcpu, lane);
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < how.f.lanes; k++)
		if ((imm & 3) == VX_TO_INT)
			set(&r, how.f.int_lane, k, to_int(&s, lane, rm, &fx, get(a, lane, k)));
		else
			set(&r, lane, k, from_int(&s, lane, &fx, get(a, how.f.int_lane, k)));
	((struct vcpu *)vcpu)->fp_flags |= s.flags;
	*d = r;
}
const struct ir_vhelper *const arm64_vec_fix = &vhelper_arm64_fix;

u32 arm64_fcmp16(struct vcpu *cpu, u16 a, u16 b, bool quiet)
{
	static const u8 nzcv[] = { 8, 6, 2, 3 };	/* less, equal, greater, unordered */
	struct fp_status s = arm64_fp_status(cpu, LANE_16);
	enum fp_order order = order_of(&s, LANE_16, a, b, quiet);

	cpu->fp_flags |= s.flags;
	return nzcv[order + 1];
}
