/* Addition, multiplication, division, square root, fused multiply-add.
 *
 * How it works: each takes NaNs and infinities out first, then computes a
 * 128-bit fraction that is exact or has its lowest bit jammed, and rounds it
 * once (fp/core.h).  The widths are instances of one source.
 *
 * Not modelled: what fp.h says.  No state: any thread.
 *
 * Spec: IEEE 754-2019 5.4.1, 6.3, 7.
 */
#include "fp/core.h"

/* The sign of an exact zero sum of operands that differ in sign. */
FP_INLINE bool cancelled_sign(const struct fp_status *s)
{
	return s->rm == FP_RDN;
}

/* a + b, fractions' leading bits (exponents ea, eb) at bit 126 and not both 0; minus: the
 * signs differ.  Bits below are sticky only in numbers whose exponent is not within one of
 * the other's, so that cancellation never reaches a jammed bit. */
FP_INLINE u64 add_aligned(struct fp_status *s, const struct fp_format *f, bool sign, bool minus,
			  i32 ea, u128 a, i32 eb, u128 b)
{
	u128 sum;

	if (ea < eb) {
		u128 t = a;
		i32 et = ea;

		a = b;
		ea = eb;
		b = t;
		eb = et;
		sign ^= minus;
	}
	b = fp_shift_right_jam(b, ea - eb);
	if (!minus) {
		sum = a + b;
	} else if (a >= b) {
		sum = a - b;
	} else {
		sum = b - a;
		sign = !sign;
	}
	if (sum == 0)
		return fp_zero(f, cancelled_sign(s));
	return fp_normalise_pack(s, f, sign, ea, sum, 126, s->flush_outputs);
}

/* A sum whose other operand is 0: n times 2^scale. */
FP_COLD u64 repack(struct fp_status *s, const struct fp_format *f, const struct fp_num *n,
		   i32 scale)
{
	return fp_round_pack(s, f, n->sign, n->exp + scale, (u128)n->frac << 64,
			     s->flush_outputs);
}

FP_INLINE u64 add(struct fp_status *s, const struct fp_format *f, u64 abits, u64 bbits, bool minus)
{
	struct fp_num a = fp_unpack(s, f, abits, s->flush_inputs);
	struct fp_num b = fp_unpack(s, f, bbits, s->flush_inputs);

	if (unlikely(fp_is_nan(&a) || fp_is_nan(&b)))
		return fp_pick_nan2(s, f, &a, &b);
	b.sign ^= minus;
	fp_note_used(s, a.denormal || b.denormal);
	if (unlikely(a.kind == FP_INF || b.kind == FP_INF)) {
		if (a.kind == b.kind && a.sign != b.sign)
			return fp_invalid(s, f);
		return fp_inf(f, a.kind == FP_INF ? a.sign : b.sign);
	}
	if (unlikely(a.kind == FP_ZERO || b.kind == FP_ZERO)) {
		if (a.kind == b.kind)
			return fp_zero(f, a.sign == b.sign ? a.sign : cancelled_sign(s));
		return repack(s, f, a.kind == FP_ZERO ? &b : &a, 0);
	}
	return add_aligned(s, f, a.sign, a.sign != b.sign, a.exp, (u128)a.frac << 63, b.exp,
			   (u128)b.frac << 63);
}

FP_INLINE u64 mul(struct fp_status *s, const struct fp_format *f, u64 abits, u64 bbits)
{
	struct fp_num a = fp_unpack(s, f, abits, s->flush_inputs);
	struct fp_num b = fp_unpack(s, f, bbits, s->flush_inputs);
	bool sign = a.sign ^ b.sign;

	if (unlikely(a.kind != FP_FINITE || b.kind != FP_FINITE)) {
		if (fp_is_nan(&a) || fp_is_nan(&b))
			return fp_pick_nan2(s, f, &a, &b);
		if ((a.kind == FP_INF && b.kind == FP_ZERO) ||
		    (a.kind == FP_ZERO && b.kind == FP_INF))
			return fp_invalid(s, f);
		fp_note_used(s, a.denormal || b.denormal);
		if (a.kind == FP_INF || b.kind == FP_INF)
			return fp_inf(f, sign);
		return fp_zero(f, sign);
	}
	fp_note_used(s, a.denormal || b.denormal);
	return fp_normalise_pack(s, f, sign, a.exp + b.exp, (u128)a.frac * b.frac, 126,
				 s->flush_outputs);
}

FP_COLD u64 div_special(struct fp_status *s, const struct fp_format *f, const struct fp_num *a,
			const struct fp_num *b)
{
	bool sign = a->sign ^ b->sign;

	if (fp_is_nan(a) || fp_is_nan(b))
		return fp_pick_nan2(s, f, a, b);
	if (a->kind == b->kind)
		return fp_invalid(s, f);	/* inf / inf, 0 / 0 */
	if (a->kind == FP_FINITE && b->kind == FP_ZERO) {
		fp_raise(s, FP_DZ);	/* comes before a denormal operand on x86 */
		return fp_inf(f, sign);
	}
	fp_note_used(s, a->denormal || b->denormal);
	if (a->kind == FP_INF)
		return fp_inf(f, sign);
	return fp_zero(f, sign);
}

FP_INLINE u64 div(struct fp_status *s, const struct fp_format *f, u64 abits, u64 bbits)
{
	struct fp_num a = fp_unpack(s, f, abits, s->flush_inputs);
	struct fp_num b = fp_unpack(s, f, bbits, s->flush_inputs);
	i32 exp = a.exp - b.exp;
	u128 dividend;
	u64 quotient;

	if (unlikely(a.kind != FP_FINITE || b.kind != FP_FINITE))
		return div_special(s, f, &a, &b);
	fp_note_used(s, a.denormal || b.denormal);
	/* Either way the quotient is in [2^63, 2^64). */
	if (a.frac < b.frac) {
		dividend = (u128)a.frac << 64;
		exp--;
	} else {
		dividend = (u128)a.frac << 63;
	}
	quotient = (u64)(dividend / b.frac);
	return fp_round_pack(s, f, a.sign ^ b.sign, exp,
			     (u128)quotient << 64 | (dividend != (u128)quotient * b.frac),
			     s->flush_outputs);
}

/* The root of v, 2^30 <= v, rounded down, bit by bit. */
static u32 root32(u32 v, u32 *ret_rest)
{
	u32 root = 0;

	for (u32 bit = 1u << 30; bit; bit >>= 2) {
		if (v >= root + bit) {
			v -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	*ret_rest = v;
	return root;
}

/* The same for 2^62 <= v: from the root and remainder of the upper half, one division gives
 * the lower half of the root, at most one too large. */
static u64 root64(u64 v, u64 *ret_rest)
{
	u32 upper_rest;
	u64 upper = root32((u32)(v >> 32), &upper_rest);
	u64 dividend = (u64)upper_rest << 16 | (v >> 16 & 0xffff);
	u64 q = dividend / (2 * upper);
	u64 root = (upper << 16) + q;
	i64 rest = (i64)((dividend % (2 * upper)) << 16 | (v & 0xffff)) - (i64)(q * q);

	if (rest < 0) {
		rest += (i64)(2 * root - 1);
		root--;
	}
	*ret_rest = (u64)rest;
	return root;
}

/* The same for 2^126 <= v; *ret_exact: v is the root's square. */
static u64 root128(u128 v, bool *ret_exact)
{
	u64 upper_rest;
	u64 upper = root64((u64)(v >> 64), &upper_rest);
	u128 dividend = (u128)upper_rest << 32 | (u32)(v >> 32);
	u128 q = dividend / (2 * upper);
	u128 root = ((u128)upper << 32) + q;
	__int128 rest = (__int128)((dividend % (2 * upper)) << 32 | (u32)v) - (__int128)(q * q);

	if (rest < 0) {
		rest += (__int128)(2 * root - 1);
		root--;
	}
	*ret_exact = rest == 0;
	return (u64)root;
}

FP_INLINE u64 square_root(struct fp_status *s, const struct fp_format *f, u64 abits)
{
	struct fp_num a = fp_unpack(s, f, abits, s->flush_inputs);
	bool odd = a.exp & 1, exact;
	u64 root;

	if (fp_is_nan(&a))
		return fp_pick_nan1(s, f, &a);
	if (a.kind == FP_ZERO)
		return fp_zero(f, a.sign);
	if (a.sign)
		return fp_invalid(s, f);
	if (a.kind == FP_INF)
		return fp_inf(f, false);
	fp_note_used(s, a.denormal);
	/* A radicand in [2^126, 2^128) for an even exponent. */
	root = root128((u128)a.frac << (63 + odd), &exact);
	return fp_round_pack(s, f, false, (a.exp - odd) / 2, (u128)root << 64 | !exact,
			     s->flush_outputs);
}

FP_COLD u64 fma_nan(struct fp_status *s, const struct fp_format *f, struct fp_num *a,
		    struct fp_num *b, struct fp_num *c, u32 how, bool inf_zero)
{
	const struct fp_num *addend_first[] = { c, a, b };
	const struct fp_num *addend_last[] = { a, b, c };

	if (inf_zero && c->kind == FP_QNAN && s->rules->fma_inf_zero == FP_INF_ZERO_DEFAULT_NV)
		return fp_invalid(s, f);
	if (s->rules->fma_negates_nan) {
		a->sign ^= (how & FP_NEG_PRODUCT) != 0;
		c->sign ^= (how & FP_NEG_ADDEND) != 0;
	}
	return fp_pick_nan(s, f, s->rules->fma_addend_first ? addend_first : addend_last, 3);
}

FP_COLD u64 fma_special(struct fp_status *s, const struct fp_format *f, struct fp_num *a,
			struct fp_num *b, struct fp_num *c, u32 how)
{
	bool product_sign = a->sign ^ b->sign ^ ((how & FP_NEG_PRODUCT) != 0);
	bool addend_sign = c->sign ^ ((how & FP_NEG_ADDEND) != 0);
	bool product_inf = a->kind == FP_INF || b->kind == FP_INF;
	bool product_zero = a->kind == FP_ZERO || b->kind == FP_ZERO;

	if (fp_is_nan(a) || fp_is_nan(b) || fp_is_nan(c))
		return fma_nan(s, f, a, b, c, how, product_inf && product_zero);
	if (product_inf && (product_zero || (c->kind == FP_INF && product_sign != addend_sign)))
		return fp_invalid(s, f);
	fp_note_used(s, a->denormal || b->denormal || c->denormal);
	if (product_inf)
		return fp_inf(f, product_sign);
	if (c->kind == FP_INF)
		return fp_inf(f, addend_sign);
	if (c->kind == FP_FINITE) {
		c->sign = addend_sign;
		return repack(s, f, c, -((how & FP_HALVE) != 0));
	}
	if (product_zero)
		return fp_zero(f, product_sign == addend_sign ? product_sign : cancelled_sign(s));
	return fp_normalise_pack(s, f, product_sign, a->exp + b->exp - ((how & FP_HALVE) != 0),
				 (u128)a->frac * b->frac, 126, s->flush_outputs);
}

FP_INLINE u64 fma3(struct fp_status *s, const struct fp_format *f, u64 abits, u64 bbits, u64 cbits,
		   u32 how)
{
	struct fp_num a = fp_unpack(s, f, abits, s->flush_inputs);
	struct fp_num b = fp_unpack(s, f, bbits, s->flush_inputs);
	struct fp_num c = fp_unpack(s, f, cbits, s->flush_inputs);
	i32 exp = a.exp + b.exp, half = (how & FP_HALVE) != 0;
	bool sign, minus;
	u128 product;

	if (unlikely(a.kind != FP_FINITE || b.kind != FP_FINITE || c.kind != FP_FINITE))
		return fma_special(s, f, &a, &b, &c, how);
	fp_note_used(s, a.denormal || b.denormal || c.denormal);
	sign = a.sign ^ b.sign ^ ((how & FP_NEG_PRODUCT) != 0);
	minus = sign != (c.sign ^ ((how & FP_NEG_ADDEND) != 0));
	product = (u128)a.frac * b.frac;
	if (product >> 127) {
		product >>= 1;	/* the lowest bit is 0: two factors of at most 62 bits */
		exp++;
	}
	return add_aligned(s, f, sign, minus, exp - half, product, c.exp - half,
			   (u128)c.frac << 63);
}

#define ARITHMETIC(width, type) \
	type fp_add##width(struct fp_status *s, type a, type b) \
	{ \
		return (type)add(s, &fp_f##width, a, b, false); \
	} \
	type fp_sub##width(struct fp_status *s, type a, type b) \
	{ \
		return (type)add(s, &fp_f##width, a, b, true); \
	} \
	type fp_mul##width(struct fp_status *s, type a, type b) \
	{ \
		return (type)mul(s, &fp_f##width, a, b); \
	} \
	type fp_div##width(struct fp_status *s, type a, type b) \
	{ \
		return (type)div(s, &fp_f##width, a, b); \
	} \
	type fp_sqrt##width(struct fp_status *s, type a) \
	{ \
		return (type)square_root(s, &fp_f##width, a); \
	} \
	type fp_fma##width(struct fp_status *s, type a, type b, type c, u32 how) \
	{ \
		return (type)fma3(s, &fp_f##width, a, b, c, how); \
	}
FP_EACH_WIDTH(ARITHMETIC)
