/* The core of the soft floating point: unpack, round, pack, choose a NaN.
 *
 * How it works: a format is a const descriptor; what is frequent is inlined
 * with a constant one, so that fp_add16 and fp_add64 are one source but each
 * has its own code.  Operands become a struct fp_num with the leading bit of
 * the fraction at bit 63; results come to fp_round_pack as 128 bits with the
 * leading bit at 127 and everything lost below jammed into bit 0, which is
 * rounding's only input.
 *
 * Interface: private to src/fp; see fp.h.
 *
 * Not modelled: formats of more than 62 significant bits.  What x87's needs
 * here: a quotient and a root of more than 64 bits (arith.c), a packed form
 * wider than u64 and its explicit leading bit.
 *
 * Spec: IEEE 754-2019 ch. 3, 4, 7.
 */
#ifndef FP_CORE_H
#define FP_CORE_H

#include "fp/fp.h"

typedef unsigned __int128 u128;
#define FP_INLINE static inline __attribute__((always_inline))
/* Rare paths: one copy a file, the format a parameter. */
#define FP_COLD static __attribute__((noinline, cold, unused))

/* A binary interchange format: sign, exponent, fraction from the top bit down. */
struct fp_format {
	u8 bits;	/* of the whole pattern */
	u8 exp_bits;
	u8 frac_bits;	/* without the hidden bit; at most 61 */
};

static const struct fp_format fp_f16 = { 16, 5, 10 };
static const struct fp_format fp_f32 = { 32, 8, 23 };
static const struct fp_format fp_f64 = { 64, 11, 52 };

/* Instantiate a macro X(width, type of the pattern) for each format. */
#define FP_EACH_WIDTH(X) X(16, u16) X(32, u32) X(64, u64)

enum fp_kind { FP_ZERO, FP_FINITE, FP_INF, FP_QNAN, FP_SNAN };

struct fp_num {
	enum fp_kind kind;
	bool sign;
	bool denormal;	/* the pattern was one, and was not flushed */
	i32 exp;	/* FP_FINITE: value = frac / 2^63 * 2^exp */
	u64 frac;	/* FP_FINITE: bit 63 set.  NaN: its fraction field, top bit at 62 */
};

FP_INLINE void fp_raise(struct fp_status *s, u32 flags)
{
	s->flags = (u8)(s->flags | flags);
}

FP_INLINE i32 fp_bias(const struct fp_format *f)
{
	return (1 << (f->exp_bits - 1)) - 1;
}

/* The exponent field of infinities and NaNs. */
FP_INLINE i32 fp_exp_max(const struct fp_format *f)
{
	return (1 << f->exp_bits) - 1;
}

FP_INLINE u64 fp_sign_bit(const struct fp_format *f, bool sign)
{
	return (u64)sign << (f->bits - 1);
}

FP_INLINE u64 fp_zero(const struct fp_format *f, bool sign)
{
	return fp_sign_bit(f, sign);
}

FP_INLINE u64 fp_inf(const struct fp_format *f, bool sign)
{
	return fp_sign_bit(f, sign) | (u64)fp_exp_max(f) << f->frac_bits;
}

FP_INLINE u64 fp_default_nan(const struct fp_status *s, const struct fp_format *f)
{
	return fp_inf(f, s->rules->default_nan_negative) | 1ull << (f->frac_bits - 1);
}

/* The default NaN, as the result of an invalid operation. */
FP_INLINE u64 fp_invalid(struct fp_status *s, const struct fp_format *f)
{
	fp_raise(s, FP_NV);
	return fp_default_nan(s, f);
}

FP_INLINE bool fp_is_nan(const struct fp_num *n)
{
	return n->kind >= FP_QNAN;
}

/* A denormal operand became zero: say so where the guest does. */
FP_INLINE void fp_note_flushed(struct fp_status *s, const struct fp_format *f)
{
	if (s->rules->denormal_rule == FP_DENORMAL_FLUSHED && f->bits != 16)
		fp_raise(s, FP_ID);
}

/* A denormal operand takes part in an operation that is neither invalid nor of NaNs. */
FP_INLINE void fp_note_used(struct fp_status *s, bool denormal)
{
	if (unlikely(denormal) && s->rules->denormal_rule == FP_DENORMAL_USED)
		fp_raise(s, FP_ID);
}

FP_INLINE struct fp_num fp_unpack(struct fp_status *s, const struct fp_format *f, u64 bits,
				  bool flush)
{
	i32 exp = (i32)(bits >> f->frac_bits) & fp_exp_max(f);
	struct fp_num n = {
		.kind = FP_FINITE,
		.sign = bits >> (f->bits - 1) & 1,
		.exp = exp - fp_bias(f),
		.frac = (bits & ((1ull << f->frac_bits) - 1)) << (63 - f->frac_bits),
	};

	if (likely(exp != 0 && exp != fp_exp_max(f))) {
		n.frac |= 1ull << 63;
	} else if (exp != 0) {
		if (n.frac == 0)
			n.kind = FP_INF;
		else
			n.kind = n.frac >> 62 & 1 ? FP_QNAN : FP_SNAN;
	} else if (n.frac == 0) {
		n.kind = FP_ZERO;
	} else if (flush) {
		n.kind = FP_ZERO;
		n.frac = 0;
		fp_note_flushed(s, f);
	} else {
		int up = __builtin_clzll(n.frac);

		n.denormal = true;
		n.frac <<= up;
		n.exp += 1 - up;
	}
	return n;
}

/* Whether the magnitude `kept` grows by one, given the bits below it, `rest`,
 * as a fraction of 2^64 with everything lower jammed into bit 0. */
FP_INLINE bool fp_round_up(u32 rm, bool sign, bool odd, u64 rest)
{
	const u64 half = 1ull << 63;

	switch (rm) {
	case FP_RNE:
		return rest > half || (rest == half && odd);
	case FP_RMM:
		return rest >= half;
	case FP_RDN:
		return sign && rest;
	case FP_RUP:
		return !sign && rest;
	case FP_ROD:
		return !odd && rest;
	default:
		debug_assert(rm == FP_RTZ);
		return false;
	}
}

/* v / 2^by, with the bits lost jammed into bit 0. */
FP_INLINE u128 fp_shift_right_jam(u128 v, i32 by)
{
	if (by == 0)
		return v;
	if (by > 127)
		return v != 0;
	return v >> by | ((v << (128 - by)) != 0);
}

FP_COLD u64 fp_overflow(struct fp_status *s, const struct fp_format *f, bool sign)
{
	bool to_inf = s->rm == FP_RNE || s->rm == FP_RMM || s->rm == (sign ? FP_RDN : FP_RUP);

	fp_raise(s, FP_OF | FP_NX);
	return fp_inf(f, sign) - !to_inf;	/* one below infinity is the largest number */
}

/* Split a normalised fraction at the format's last place. */
FP_INLINE u64 fp_split(const struct fp_format *f, u128 frac, u64 *ret_rest)
{
	u128 rest = frac << (1 + f->frac_bits);

	*ret_rest = (u64)(rest >> 64) | ((u64)rest != 0);
	return (u64)(frac >> (127 - f->frac_bits));
}

/* Is a result with biased exponent <= 0 tiny?  After rounding means: rounded as
 * if the exponent had no lower end, it would still be below the least normal. */
FP_COLD bool fp_is_tiny(const struct fp_status *s, const struct fp_format *f, bool sign,
			i32 biased, u128 frac)
{
	u64 rest, kept;

	if (s->rules->tiny_before_rounding || biased < 0)
		return true;
	kept = fp_split(f, frac, &rest);
	return kept != (2ull << f->frac_bits) - 1 || !fp_round_up(s->rm, sign, kept & 1, rest);
}

/* Round (-1)^sign * frac / 2^127 * 2^exp, frac's bit 127 set, to the format. */
FP_INLINE u64 fp_round_pack(struct fp_status *s, const struct fp_format *f, bool sign, i32 exp,
			    u128 frac, bool flush)
{
	i32 biased = exp + fp_bias(f);
	bool tiny = false;
	u64 kept, rest, bits;

	if (unlikely(biased <= 0)) {
		tiny = fp_is_tiny(s, f, sign, biased, frac);
		if (tiny && flush) {
			fp_raise(s, s->rules->flush_sets_inexact ? FP_UF | FP_NX : FP_UF);
			return fp_zero(f, sign);
		}
		frac = fp_shift_right_jam(frac, 1 - biased);
		biased = 1;
	}
	if (unlikely(biased >= fp_exp_max(f)))
		return fp_overflow(s, f, sign);
	kept = fp_split(f, frac, &rest);
	/* The hidden bit adds one to the exponent field, and so does a carry. */
	bits = ((u64)(biased - 1) << f->frac_bits) + kept;
	if (rest) {
		bits += fp_round_up(s->rm, sign, kept & 1, rest);
		if (unlikely(bits >= fp_inf(f, false)))
			return fp_overflow(s, f, sign);
		fp_raise(s, tiny ? FP_UF | FP_NX : FP_NX);
	}
	return bits | fp_sign_bit(f, sign);
}

/* fp_round_pack for a fraction not yet normalised, not 0; top says what a fraction of
 * 2^top stands for: 2^exp. */
FP_INLINE u64 fp_normalise_pack(struct fp_status *s, const struct fp_format *f, bool sign, i32 exp,
				u128 frac, i32 top, bool flush)
{
	u64 hi = (u64)(frac >> 64);
	int up = hi ? __builtin_clzll(hi) : 64 + __builtin_clzll((u64)frac);

	return fp_round_pack(s, f, sign, exp + 127 - top - up, frac << up, flush);
}

/* ---- NaNs ---- */

/* The NaN n as a quiet NaN of format f; the payload keeps its top bits. */
FP_INLINE u64 fp_quiet(const struct fp_format *f, const struct fp_num *n)
{
	return fp_inf(f, n->sign) | (n->frac | 1ull << 62) >> (63 - f->frac_bits);
}

/* The result of an operation one of whose operands is a NaN, in the order given;
 * count operands. */
FP_COLD u64 fp_pick_nan(struct fp_status *s, const struct fp_format *f,
			const struct fp_num *const *operands, u32 count)
{
	const struct fp_num *first = NULL, *first_signalling = NULL;

	for (u32 i = count; i-- > 0; ) {
		if (operands[i]->kind == FP_SNAN)
			first_signalling = operands[i];
		if (fp_is_nan(operands[i]))
			first = operands[i];
	}
	if (first_signalling)
		fp_raise(s, FP_NV);
	if (s->default_nan || s->rules->nan_rule == FP_NAN_DEFAULT)
		return fp_default_nan(s, f);
	if (s->rules->nan_rule == FP_NAN_SIGNALLING_FIRST && first_signalling)
		return fp_quiet(f, first_signalling);
	return fp_quiet(f, first);
}

FP_INLINE u64 fp_pick_nan2(struct fp_status *s, const struct fp_format *f, const struct fp_num *a,
			   const struct fp_num *b)
{
	const struct fp_num *operands[] = { a, b };

	return fp_pick_nan(s, f, operands, 2);
}

FP_INLINE u64 fp_pick_nan1(struct fp_status *s, const struct fp_format *f, const struct fp_num *a)
{
	return fp_pick_nan(s, f, &a, 1);
}

#endif
