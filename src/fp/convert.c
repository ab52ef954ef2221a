/* Conversions between formats, to and from integers and fixed point, and to
 * integral values.
 *
 * How it works: as arithmetic does, by fp/core.h.  A conversion to an integer
 * takes its rounding mode as an argument, because instructions name it; a
 * value that does not fit follows the guest's int_rule, with NV alone.
 *
 * The binary16 side of a conversion between formats is never flushed and
 * never counts as a denormal operand: Arm excludes FZ16 there, F16C ignores
 * DAZ, FZ and DE, RISC-V has none of them.
 *
 * Not modelled: what fp.h says.  No state: any thread.
 *
 * Spec: IEEE 754-2019 5.4.2, 5.8, 5.9; Arm ARM FPConvert, FPToFixed,
 * FPRoundInt; Intel SDM vol. 1 14.4, 11.5.2.
 */
#include "fp/core.h"

FP_INLINE u64 convert(struct fp_status *s, const struct fp_format *from, const struct fp_format *to,
		      u64 bits)
{
	struct fp_num n = fp_unpack(s, from, bits, s->flush_inputs && from->bits != 16);

	if (unlikely(fp_is_nan(&n)))
		return fp_pick_nan1(s, to, &n);
	if (n.kind == FP_ZERO)
		return fp_zero(to, n.sign);
	if (n.kind == FP_INF)
		return fp_inf(to, n.sign);
	fp_note_used(s, n.denormal && from->bits != 16);
	return fp_round_pack(s, to, n.sign, n.exp, (u128)n.frac << 64,
			     s->flush_outputs && to->bits != 16);
}

/* Round n, finite, times 2^scale to an integer: its magnitude, and in *ret_rest the bits cut
 * off as a fraction of 2^64.  False: it is 2^64 or more. */
FP_INLINE bool round_magnitude(const struct fp_num *n, i32 scale, u32 rm, u64 *ret_magnitude,
			       u64 *ret_rest)
{
	i32 exp = n->exp + scale;
	u64 kept = 0, rest = 1;	/* less than a half */

	if (exp > 63)
		return false;
	if (exp == 63) {
		kept = n->frac;
		rest = 0;
	} else if (exp >= 0) {
		kept = n->frac >> (63 - exp);
		rest = n->frac << (exp + 1);
	} else if (exp == -1) {
		rest = n->frac;
	}
	if (fp_round_up(rm, n->sign, kept & 1, rest) && ++kept == 0)
		return false;
	*ret_magnitude = kept;
	*ret_rest = rest;
	return true;
}

/* What a value that does not fit becomes. */
FP_INLINE u64 int_out_of_range(struct fp_status *s, const struct fp_fixed *fx,
			       const struct fp_num *n)
{
	u64 least = fx->is_signed ? ~0ull << (fx->bits - 1) : 0;
	u64 most = ~0ull >> (64 - fx->bits + fx->is_signed);

	fp_raise(s, FP_NV);
	if (s->rules->int_rule == FP_INT_INDEFINITE)
		return fx->is_signed ? least : most;
	if (fp_is_nan(n))
		return s->rules->int_rule == FP_INT_NAN_MAX ? most : 0;
	return n->sign ? least : most;
}

FP_INLINE u64 to_fixed(struct fp_status *s, const struct fp_format *f, u32 rm,
		       const struct fp_fixed *fx, u64 bits)
{
	struct fp_num n = fp_unpack(s, f, bits, s->flush_inputs);
	u64 magnitude, rest, limit;

	if (n.kind == FP_ZERO)
		return 0;
	if (n.kind != FP_FINITE || !round_magnitude(&n, fx->fraction, rm, &magnitude, &rest))
		return int_out_of_range(s, fx, &n);
	if (fx->is_signed)
		limit = (1ull << (fx->bits - 1)) - !n.sign;
	else
		limit = n.sign ? 0 : ~0ull >> (64 - fx->bits);
	if (magnitude > limit)
		return int_out_of_range(s, fx, &n);
	if (rest)
		fp_raise(s, FP_NX);
	return n.sign ? -magnitude : magnitude;
}

FP_INLINE u64 from_fixed(struct fp_status *s, const struct fp_format *f, const struct fp_fixed *fx,
			 u64 v)
{
	bool sign = fx->is_signed && (v >> (fx->bits - 1) & 1);
	u64 magnitude = (sign ? -v : v) & ~0ull >> (64 - fx->bits);

	if (magnitude == 0)
		return fp_zero(f, false);
	return fp_normalise_pack(s, f, sign, -(i32)fx->fraction, magnitude, 0, s->flush_outputs);
}

FP_INLINE u64 round_integral(struct fp_status *s, const struct fp_format *f, u32 rm, bool exact,
			     u64 bits)
{
	struct fp_num n = fp_unpack(s, f, bits, s->flush_inputs);
	u64 magnitude, rest;

	if (fp_is_nan(&n))
		return fp_pick_nan1(s, f, &n);
	if (n.kind == FP_ZERO)
		return fp_zero(f, n.sign);
	if (n.kind == FP_INF || n.exp >= f->frac_bits)
		return bits;
	round_magnitude(&n, 0, rm, &magnitude, &rest);
	if (rest && exact)
		fp_raise(s, FP_NX);
	if (magnitude == 0)
		return fp_zero(f, n.sign);
	/* Exact: the magnitude has at most frac_bits + 1 bits. */
	return fp_normalise_pack(s, f, n.sign, 0, magnitude, 0, false);
}

/* ---- the widths ---- */

static const struct fp_fixed fixed_i32 = { .bits = 32, .is_signed = true };
static const struct fp_fixed fixed_i64 = { .bits = 64, .is_signed = true };
static const struct fp_fixed fixed_u32 = { .bits = 32 };
static const struct fp_fixed fixed_u64 = { .bits = 64 };

#define CONVERT(from, from_type, to, to_type) \
	to_type fp_f##from##_to_f##to(struct fp_status *s, from_type a) \
	{ \
		return (to_type)convert(s, &fp_f##from, &fp_f##to, a); \
	}
CONVERT(16, u16, 32, u32)
CONVERT(16, u16, 64, u64)
CONVERT(32, u32, 16, u16)
CONVERT(32, u32, 64, u64)
CONVERT(64, u64, 16, u16)
CONVERT(64, u64, 32, u32)

#define INTEGER(int_type, width, type) \
	int_type fp_f##width##_to_##int_type(struct fp_status *s, enum fp_rm rm, type a) \
	{ \
		return (int_type)to_fixed(s, &fp_f##width, rm, &fixed_##int_type, a); \
	} \
	type fp_##int_type##_to_f##width(struct fp_status *s, int_type v) \
	{ \
		return (type)from_fixed(s, &fp_f##width, &fixed_##int_type, (u64)v); \
	}
#define INTEGERS(width, type) \
	INTEGER(i32, width, type) \
	INTEGER(i64, width, type) \
	INTEGER(u32, width, type) \
	INTEGER(u64, width, type)
FP_EACH_WIDTH(INTEGERS)

#define FIXED(width, type) \
	u64 fp_f##width##_to_fixed(struct fp_status *s, enum fp_rm rm, const struct fp_fixed *fx, \
				   type a) \
	{ \
		return to_fixed(s, &fp_f##width, rm, fx, a); \
	} \
	type fp_fixed_to_f##width(struct fp_status *s, const struct fp_fixed *fx, u64 v) \
	{ \
		return (type)from_fixed(s, &fp_f##width, fx, v); \
	} \
	type fp_rint##width(struct fp_status *s, enum fp_rm rm, bool exact, type a) \
	{ \
		return (type)round_integral(s, &fp_f##width, rm, exact, a); \
	}
FP_EACH_WIDTH(FIXED)
