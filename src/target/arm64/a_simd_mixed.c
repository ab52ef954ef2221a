/* A64 Advanced SIMD in mixed formats and on complex numbers: FCMA, FHM (binary16
 * products added to single precision) and BF16 (DDI 0487, C4.1.90).
 *
 * All in C.  Helpers take a = Vn, b = Vm or its element in each lane, c = Vd.
 * NOT modelled: FEAT_EBF16, so FPCR.EBF is 0: BFDOT and BFMMLA round to odd, flush
 * denormals, give the default NaN and set no flags.
 * Letters: x = Q, z = size, c = rotation; fields of an element are in the word.
 * Thread: the vCPU's own.  Spec: DDI 0487, C7.2 and shared/functions/float.
 */
#define FEATURE ARM_FCMA
#include "target/arm64/vec.h"
#include "base/bits.h"

#define TE "V, U, W"

static ir_ref call(struct ir *t, const struct operands *o, const struct ir_vhelper *h, ir_ref b, u32 imm)
{
	return ir_vcall(t, h, getv(t, o->a), b, getv(t, o->d), imm);
}

static u32 bit(const struct operands *o, u32 n) { return o->word >> n & 1; }

static void take_flags(void *vcpu, const struct fp_status *s)
{
	((struct vcpu *)vcpu)->fp_flags |= s->flags;
}

/* ---- complex numbers: lanes in pairs, real part first ---- */

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

static u64 add(struct fp_status *s, u32 lane, u64 a, u64 b)
{
	return lane == LANE_16 ? fp_add16(s, (u16)a, (u16)b) :
	       lane == LANE_32 ? fp_add32(s, (u32)a, (u32)b) : fp_add64(s, a, b);
}

static u64 multiply_add(struct fp_status *s, u32 lane, u64 a, u64 b, u64 c)
{
	return lane == LANE_16 ? fp_fma16(s, (u16)a, (u16)b, (u16)c, 0) :
	       lane == LANE_32 ? fp_fma32(s, (u32)a, (u32)b, (u32)c, 0) : fp_fma64(s, a, b, c, 0);
}

/* imm: lane | lanes << 2 | quarter turns << 7.  c + part of a * b turned by as many. */
VHELPER(arm64_fcmla)
{
	u32 lane = imm & 3, n = imm >> 2 & 31, turns = imm >> 7;
	u64 sign = 1ull << ((8u << lane) - 1);
	struct fp_status s = arm64_fp_status(vcpu, lane);
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < n; k += 2) {
		u64 x = get(a, lane, k + (turns & 1));
		u64 real = get(b, lane, k + (turns & 1)), imaginary = get(b, lane, k + (~turns & 1));

		if (turns == 1 || turns == 2)
			real ^= sign;
		if (turns >= 2)
			imaginary ^= sign;
		set(&r, lane, k, multiply_add(&s, lane, x, real, get(c, lane, k)));
		set(&r, lane, k + 1, multiply_add(&s, lane, x, imaginary, get(c, lane, k + 1)));
	}
	take_flags(vcpu, &s);
	*d = r;
}

/* imm as above: a + b turned by one or three quarters. */
VHELPER(arm64_fcadd)
{
	u32 lane = imm & 3, n = imm >> 2 & 31, turns = imm >> 7;
	u64 sign = 1ull << ((8u << lane) - 1);
	struct fp_status s = arm64_fp_status(vcpu, lane);
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < n; k += 2) {
		set(&r, lane, k, add(&s, lane, get(a, lane, k), get(b, lane, k + 1) ^ (turns == 1 ? sign : 0)));
		set(&r, lane, k + 1, add(&s, lane, get(a, lane, k + 1), get(b, lane, k) ^ (turns == 3 ? sign : 0)));
	}
	take_flags(vcpu, &s);
	*d = r;
}

static bool bad_complex(struct ir *t, const struct operands *o)
{
	if (o->z && (o->z != LANE_64 || o->x) && (o->z != LANE_16 || has(t, ARM_FP16)))
		return false;
	illegal(t);
	return true;
}

static void complex(struct ir *t, const struct operands *o, const struct ir_vhelper *h, ir_ref b, u32 turns)
{
	setv(t, o->d, call(t, o, h, b, o->z | ((o->x ? 16u : 8u) >> o->z) << 2 | turns << 7));
}

/* clang-format off */
INSN(fcmla,   "0 x 1 01110 zz 0 bbbbb 110 cc 1 aaaaa ddddd", NULL, TE)
{
	if (!bad_complex(t, o))
		complex(t, o, &vhelper_arm64_fcmla, getv(t, o->b), o->c);
}
INSN(fcadd,   "0 x 1 01110 zz 0 bbbbb 111 c 01 aaaaa ddddd", NULL, TE)
{
	if (!bad_complex(t, o))
		complex(t, o, &vhelper_arm64_fcadd, getv(t, o->b), o->c ? 3 : 1);
}
INSN(fcmla_e, "0 x 1 01111 zz y bbbbb 0 cc 1 s 0 aaaaa ddddd", NULL, TE)
{
	u32 index = o->z == LANE_16 ? (u32)o->s << 1 | o->y : o->s;

	if ((o->z == LANE_16 && (o->x || !o->s) && has(t, ARM_FP16)) || (o->z == LANE_32 && o->x && !o->y))
		complex(t, o, &vhelper_arm64_fcmla, ir_vun(t, IR_VDUPLANE, o->z + 1u, getv(t, o->b), index), o->c);
	else
		illegal(t);
}
/* clang-format on */

/* ---- binary16 products added to single precision ---- */

#undef FEATURE
#define FEATURE ARM_FHM

/* The same value in single precision, where all are normal; signaling NaNs stay so. */
static u32 wide(struct fp_status *s, u16 a)
{
	u32 sign = (a & 0x8000u) << 16;

	if ((a & 0x7fff) > 0x7c00)
		return sign | 0x7f800000 | (a & 0x3ffu) << 13;
	return fp_f16_to_f32(s, s->flush_inputs && !(a & 0x7c00) ? a & 0x8000 : a);
}

/* imm: first lane of a | subtracts << 4 | Q << 5 | one element of b << 6 */
VHELPER(arm64_fmlal)
{
	u32 first = imm & 15, n = imm & 32 ? 4 : 2;
	struct fp_status half = arm64_fp_status(vcpu, LANE_16), s = arm64_fp_status(vcpu, LANE_32);
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < n; k++) {
		u16 x = a->h[first + k] ^ (imm & 16 ? 0x8000 : 0);

		r.w[k] = fp_fma32(&s, wide(&half, x), wide(&half, b->h[imm & 64 ? 0 : first + k]), c->w[k], 0);
	}
	take_flags(vcpu, &s);
	*d = r;
}

static void long_product(struct ir *t, const struct operands *o, bool upper, bool subtracts)
{
	u32 first = upper ? (o->x ? 4 : 2) : 0;

	setv(t, o->d, call(t, o, &vhelper_arm64_fmlal, getv(t, o->b), first | (u32)subtracts << 4 | (u32)o->x << 5));
}

static void long_product_e(struct ir *t, const struct operands *o, bool upper, bool subtracts)
{
	u32 first = upper ? (o->x ? 4 : 2) : 0, index = bit(o, 11) << 2 | bit(o, 21) << 1 | bit(o, 20);
	ir_ref b = ir_vun(t, IR_VDUPLANE, LANE_16, getv(t, o->b), index);

	setv(t, o->d, call(t, o, &vhelper_arm64_fmlal, b, first | (u32)subtracts << 4 | (u32)o->x << 5 | 64));
}

/* clang-format off */
INSN(fmlal,    "0 x 0 01110 00 1 bbbbb 111011 aaaaa ddddd", NULL, TE)	{ long_product(t, o, false, false); }
INSN(fmlsl,    "0 x 0 01110 10 1 bbbbb 111011 aaaaa ddddd", NULL, TE)	{ long_product(t, o, false, true); }
INSN(fmlal2,   "0 x 1 01110 00 1 bbbbb 110011 aaaaa ddddd", NULL, TE)	{ long_product(t, o, true, false); }
INSN(fmlsl2,   "0 x 1 01110 10 1 bbbbb 110011 aaaaa ddddd", NULL, TE)	{ long_product(t, o, true, true); }
INSN(fmlal_e,  "0 x 0 01111 10 yy bbbb 0000 s 0 aaaaa ddddd", NULL, TE)	{ long_product_e(t, o, false, false); }
INSN(fmlsl_e,  "0 x 0 01111 10 yy bbbb 0100 s 0 aaaaa ddddd", NULL, TE)	{ long_product_e(t, o, false, true); }
INSN(fmlal2_e, "0 x 1 01111 10 yy bbbb 1000 s 0 aaaaa ddddd", NULL, TE)	{ long_product_e(t, o, true, false); }
INSN(fmlsl2_e, "0 x 1 01111 10 yy bbbb 1100 s 0 aaaaa ddddd", NULL, TE)	{ long_product_e(t, o, true, true); }
/* clang-format on */

/* ---- BFloat16: the upper half of single precision ---- */

#undef FEATURE
#define FEATURE ARM_BF16

/* To odd, where too big is infinity.  Denormals, NaNs as the head says. */
static u32 to_odd(struct fp_status *s, u32 v)
{
	if (s->flags & FP_OF)
		v = (v & 0x80000000) | 0x7f800000;
	s->flags = 0;
	return v;
}

static u32 product_odd(struct fp_status *s, u16 a, u16 b)
{
	return to_odd(s, fp_mul32(s, (u32)a << 16, (u32)b << 16));
}

/* acc + a[0] b[0] + a[1] b[1] */
static u32 dot_add(u32 acc, const u16 *a, const u16 *b)
{
	struct fp_status s = { .rules = &fp_rules_arm, .rm = FP_ROD, .default_nan = true, .flush_inputs = true,
			       .flush_outputs = true };
	u32 x = product_odd(&s, a[0], b[0]), y = product_odd(&s, a[1], b[1]);

	x = to_odd(&s, fp_add32(&s, x, y));
	return to_odd(&s, fp_add32(&s, acc, x));
}

VHELPER(arm64_bfdot)
{
	union ir_vec r;

	for (u32 k = 0; k < 4; k++)
		r.w[k] = dot_add(c->w[k], &a->h[2 * k], &b->h[2 * k]);
	*d = r;
}

/* 2x4 times 4x2 */
VHELPER(arm64_bfmmla)
{
	union ir_vec r;

	for (u32 i = 0; i < 4; i++) {
		const u16 *row = &a->h[i / 2 * 4], *column = &b->h[i % 2 * 4];

		r.w[i] = dot_add(dot_add(c->w[i], row, column), row + 2, column + 2);
	}
	*d = r;
}

/* imm: 1 odd lanes, 2 lane 0 of b for all */
VHELPER(arm64_bfmlal)
{
	struct fp_status s = arm64_fp_status(vcpu, LANE_32);
	union ir_vec r;

	for (u32 k = 0; k < 4; k++) {
		u32 at = 2 * k + (imm & 1);

		r.w[k] = fp_fma32(&s, (u32)a->h[at] << 16, (u32)b->h[imm & 2 ? 0 : at] << 16, c->w[k], 0);
	}
	take_flags(vcpu, &s);
	*d = r;
}

/* Rounded by FPCR. */
static u16 to_bf16(struct fp_status *s, u32 a)
{
	u32 size = a & 0x7fffffff, sign = a >> 31, rest = a & 0xffff, up, r;

	if (size > 0x7f800000) {
		if (!(a & 1 << 22))
			s->flags |= FP_NV;
		return s->default_nan ? 0x7fc0 : (u16)((a | 1 << 22) >> 16);
	}
	if (size && size < 0x800000 && s->flush_inputs) {
		s->flags |= FP_ID;
		return (u16)(sign << 15);
	}
	if (size == 0x7f800000 || !rest)
		return (u16)(a >> 16);
	up = s->rm == FP_RNE ? rest > 0x8000 || (rest == 0x8000 && a >> 16 & 1) : s->rm == (sign ? FP_RDN : FP_RUP);
	r = (a >> 16) + up;
	s->flags |= FP_NX;
	if (size < 0x800000)
		s->flags |= FP_UF;
	if ((r & 0x7fff) == 0x7f80)
		s->flags |= FP_OF;
	return (u16)r;
}

/* imm: lanes */
VHELPER(arm64_bfcvt)
{
	struct fp_status s = arm64_fp_status(vcpu, LANE_32);
	union ir_vec r = { .d = { 0, 0 } };

	for (u32 k = 0; k < imm; k++)
		r.h[k] = to_bf16(&s, a->w[k]);
	take_flags(vcpu, &s);
	*d = r;
}

static ir_ref pair_of(struct ir *t, const struct operands *o)
{
	u32 index = bit(o, 11) << 1 | bit(o, 21);

	return ir_vun(t, IR_VDUPLANE, LANE_32, getv(t, o->b | bit(o, 20) << 4), index);
}

static ir_ref half_of(struct ir *t, const struct operands *o)
{
	u32 index = bit(o, 11) << 2 | bit(o, 21) << 1 | bit(o, 20);

	return ir_vun(t, IR_VDUPLANE, LANE_16, getv(t, o->b), index);
}

/* clang-format off */
INSN(bfdot,    "0 x 1 01110 01 0 bbbbb 111111 aaaaa ddddd", NULL, TE)
{
	setvq(t, o->x, o->d, call(t, o, &vhelper_arm64_bfdot, getv(t, o->b), 0));
}
INSN(bfdot_e,  "0 x 0 01111 01 yy bbbb 1111 s 0 aaaaa ddddd", NULL, TE)
{
	setvq(t, o->x, o->d, call(t, o, &vhelper_arm64_bfdot, pair_of(t, o), 0));
}
INSN(bfmmla,   "0 1 1 01110 01 0 bbbbb 111011 aaaaa ddddd", NULL, TE)
{
	setv(t, o->d, call(t, o, &vhelper_arm64_bfmmla, getv(t, o->b), 0));
}
INSN(bfmlal,   "0 x 1 01110 11 0 bbbbb 111111 aaaaa ddddd", NULL, TE)
{
	setv(t, o->d, call(t, o, &vhelper_arm64_bfmlal, getv(t, o->b), o->x));
}
INSN(bfmlal_e, "0 x 0 01111 11 yy bbbb 1111 s 0 aaaaa ddddd", NULL, TE)
{
	setv(t, o->d, call(t, o, &vhelper_arm64_bfmlal, half_of(t, o), o->x | 2u));
}
INSN(bfcvt,    "000 11110 01 1 000110 10000 aaaaa ddddd", NULL, "F, G")
{
	setv(t, o->d, ir_vcall(t, &vhelper_arm64_bfcvt, getv(t, o->a), 0, 0, 1));
}
INSN(bfcvtn,   "0 x 0 01110 10 10000 10110 10 aaaaa ddddd", NULL, "V, U")
{
	ir_ref v = ir_vcall(t, &vhelper_arm64_bfcvt, getv(t, o->a), 0, 0, 4);

	setv(t, o->d, o->x ? ir_vins(t, LANE_64, getv(t, o->d), 1, v, 0) : v);
}
/* clang-format on */
