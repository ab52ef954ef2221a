/* Comparison, minimum and maximum, class: nothing here rounds.
 *
 * How it works: a pattern without its sign orders magnitudes as an integer, so
 * operands are compared as they are once denormals are flushed (if asked)
 * and NaNs are out of the way.
 *
 * No state: any thread.
 *
 * Spec: IEEE 754-2008 5.3.1, IEEE 754-2019 5.11, 9.6; and fp.h's.
 */
#include "fp/core.h"

/* Flush a denormal operand if asked; the pattern that takes part. */
FP_INLINE u64 squash(struct fp_status *s, const struct fp_format *f, u64 bits, bool *denormal)
{
	u64 magnitude = bits & ~fp_sign_bit(f, true);

	if (likely(magnitude >> f->frac_bits || magnitude == 0))
		return bits;
	if (s->flush_inputs) {
		fp_note_flushed(s, f);
		return bits ^ magnitude;
	}
	*denormal = true;
	return bits;
}

FP_INLINE bool is_nan(const struct fp_format *f, u64 bits)
{
	return (bits & ~fp_sign_bit(f, true)) > fp_inf(f, false);
}

FP_INLINE bool is_signalling(const struct fp_format *f, u64 bits)
{
	return is_nan(f, bits) && !(bits >> (f->frac_bits - 1) & 1);
}

/* Order two numbers, -0 below +0. */
FP_INLINE enum fp_order total_order(const struct fp_format *f, u64 a, u64 b)
{
	bool negative = a >> (f->bits - 1);

	if (a == b)
		return FP_EQUAL;
	if (negative != (bool)(b >> (f->bits - 1)))
		return negative ? FP_LESS : FP_GREATER;
	return (a < b) ^ negative ? FP_LESS : FP_GREATER;
}

FP_INLINE enum fp_order compare(struct fp_status *s, const struct fp_format *f, u64 a, u64 b,
				bool signalling)
{
	bool denormal = false;

	a = squash(s, f, a, &denormal);
	b = squash(s, f, b, &denormal);
	if (unlikely(is_nan(f, a) || is_nan(f, b))) {
		if (signalling || is_signalling(f, a) || is_signalling(f, b))
			fp_raise(s, FP_NV);
		return FP_UNORDERED;
	}
	fp_note_used(s, denormal);
	if (((a | b) & ~fp_sign_bit(f, true)) == 0)
		return FP_EQUAL;
	return total_order(f, a, b);
}

/* A minimum or maximum of operands of which at least one is a NaN. */
FP_INLINE u64 extreme_nan(struct fp_status *s, const struct fp_format *f, u64 a, u64 b,
			  enum fp_min_rule rule)
{
	bool signalling = is_signalling(f, a) || is_signalling(f, b);
	bool both = is_nan(f, a) && is_nan(f, b);
	struct fp_num na, nb;

	if (rule == FP_MIN_SECOND) {
		fp_raise(s, FP_NV);
		return b;
	}
	if (!both && rule != FP_MIN_PROPAGATE && (rule == FP_MIN_NUMBER_2019 || !signalling)) {
		if (signalling)
			fp_raise(s, FP_NV);
		return is_nan(f, a) ? b : a;
	}
	na = fp_unpack(s, f, a, false);
	nb = fp_unpack(s, f, b, false);
	return fp_pick_nan2(s, f, &na, &nb);
}

FP_INLINE u64 extreme(struct fp_status *s, const struct fp_format *f, u64 a, u64 b,
		      enum fp_order wanted, enum fp_min_rule rule)
{
	bool denormal = false;

	a = squash(s, f, a, &denormal);
	b = squash(s, f, b, &denormal);
	if (unlikely(is_nan(f, a) || is_nan(f, b)))
		return extreme_nan(s, f, a, b, rule);
	fp_note_used(s, denormal);
	if (rule == FP_MIN_SECOND && ((a | b) & ~fp_sign_bit(f, true)) == 0)
		return b;
	return total_order(f, a, b) == wanted ? a : b;
}

FP_INLINE u32 classify(const struct fp_format *f, u64 bits)
{
	u64 magnitude = bits & ~fp_sign_bit(f, true);
	bool negative = bits != magnitude;

	if (is_nan(f, bits))
		return is_signalling(f, bits) ? FP_CLASS_SNAN : FP_CLASS_QNAN;
	if (magnitude == fp_inf(f, false))
		return negative ? FP_CLASS_NEG_INF : FP_CLASS_POS_INF;
	if (magnitude == 0)
		return negative ? FP_CLASS_NEG_ZERO : FP_CLASS_POS_ZERO;
	if (magnitude >> f->frac_bits == 0)
		return negative ? FP_CLASS_NEG_SUBNORMAL : FP_CLASS_POS_SUBNORMAL;
	return negative ? FP_CLASS_NEG_NORMAL : FP_CLASS_POS_NORMAL;
}

#define EXTREME(name, width, type, wanted, rule) \
	type fp_##name##width(struct fp_status *s, type a, type b) \
	{ \
		return (type)extreme(s, &fp_f##width, a, b, wanted, s->rules->rule); \
	}
#define COMPARE(width, type) \
	EXTREME(min, width, type, FP_LESS, min_rule) \
	EXTREME(max, width, type, FP_GREATER, min_rule) \
	EXTREME(min_alt, width, type, FP_LESS, min_alt_rule) \
	EXTREME(max_alt, width, type, FP_GREATER, min_alt_rule) \
	enum fp_order fp_cmp##width(struct fp_status *s, type a, type b) \
	{ \
		return compare(s, &fp_f##width, a, b, false); \
	} \
	enum fp_order fp_cmp_sig##width(struct fp_status *s, type a, type b) \
	{ \
		return compare(s, &fp_f##width, a, b, true); \
	} \
	u32 fp_class##width(type a) \
	{ \
		return classify(&fp_f##width, a); \
	}
FP_EACH_WIDTH(COMPARE)
