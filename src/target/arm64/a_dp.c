/* A64 data processing, immediate and register (DDI 0487, C4.1.86 and C4.1.89).
 *
 * Letters: x = sf, d a b c = Rd Rn Rm Ra, m = cond, s = amount or imms, y = shift
 * type, option or immr, z = N.
 */
#define FEATURE ARM_BASE
#include "target/arm64/arm64.h"
#include "base/bits.h"

/* ---- operands ---- */

static ir_ref shift(struct ir *t, u32 sf, ir_ref v, u32 type, u32 amount)
{
	static const u8 ops[4] = { IR_SHL, IR_SHR, IR_SAR, IR_ROR };

	return amount ? ir_bin(t, ops[type], v, immr(t, sf, amount)) : v;
}

static ir_ref shifted_b(struct ir *t, const struct operands *o)
{
	return shift(t, o->x, getr(t, o->x, o->b), o->y, o->s);
}

/* Rm extended by option y, shifted left by s. */
static ir_ref extended_b(struct ir *t, const struct operands *o)
{
	u32 bits = 8u << (o->y & 3);
	ir_ref v = getx(t, o->b);

	if (bits < 64)
		v = o->y & 4 ? ir_sext(t, v, bits) : ir_zext(t, v, bits);
	if (!o->x)
		v = ir_trunc(t, v);
	return shift(t, o->x, v, 0, o->s);
}

/* Without sf there are shifts below 32 only. */
static bool bad_shift(struct ir *t, const struct operands *o)
{
	if (o->x || o->s < 32)
		return false;
	illegal(t);
	return true;
}

/* ---- add and subtract ---- */

enum { SUB = 1, SETS = 2 };

static ir_ref sum(struct ir *t, ir_ref a, ir_ref b, u32 how, ir_ref *ret_flags)
{
	ir_ref r = how & SUB ? ir_sub(t, a, b) : ir_add(t, a, b);

	if (how & SETS)
		*ret_flags = ir_flags_of(t, how & SUB ? IR_FLSUB : IR_FLADD, a, b);
	return r;
}

static void add_imm(struct ir *t, const struct operands *o, u32 how)
{
	ir_ref f = 0, r = sum(t, getrsp(t, o->x, o->a), immr(t, o->x, (u64)o->imm << (o->s ? 12 : 0)), how, &f);

	if (how & SETS) {
		setr(t, o->x, o->d, r);
		setflags(t, f);
	} else {
		setrsp(t, o->x, o->d, r);
	}
}

static void add_shifted(struct ir *t, const struct operands *o, u32 how)
{
	ir_ref f = 0, r;

	if (o->y == 3) {
		illegal(t);
		return;
	}
	if (bad_shift(t, o))
		return;
	r = sum(t, getr(t, o->x, o->a), shifted_b(t, o), how, &f);
	setr(t, o->x, o->d, r);
	if (f)
		setflags(t, f);
}

static void add_extended(struct ir *t, const struct operands *o, u32 how)
{
	ir_ref f = 0, r;

	if (o->s > 4) {
		illegal(t);
		return;
	}
	r = sum(t, getrsp(t, o->x, o->a), extended_b(t, o), how, &f);
	if (how & SETS) {
		setr(t, o->x, o->d, r);
		setflags(t, f);
	} else {
		setrsp(t, o->x, o->d, r);
	}
}

static void add_carry(struct ir *t, const struct operands *o, u32 how)
{
	ir_ref a = getr(t, o->x, o->a), b = getr(t, o->x, o->b), flags = getflags(t), f = 0, r;

	r = ir_adc(t, how & SUB ? IR_SBC : IR_ADC, a, b, flags);
	if (how & SETS)
		f = ir_flags_carry(t, how & SUB ? IR_FLSBC : IR_FLADC, a, b, flags);
	setr(t, o->x, o->d, r);
	if (f)
		setflags(t, f);
}

/* ---- logical ---- */

enum { INVERT = 4 };	/* how, beside SETS */

static void logical(struct ir *t, const struct operands *o, enum ir_op op, ir_ref b, u32 how, bool to_sp)
{
	ir_ref a = getr(t, o->x, o->a), f = 0, r;

	if (how & INVERT)
		b = ir_un(t, IR_NOT, b);
	if (op == IR_OR && o->a == REG_ZR)
		r = b;	/* mov, mvn */
	else
		r = ir_bin(t, op, a, b);
	if (how & SETS)
		f = ir_flags_of(t, IR_FLAND, a, b);
	if (to_sp)
		setrsp(t, o->x, o->d, r);
	else
		setr(t, o->x, o->d, r);
	if (f)
		setflags(t, f);
}

static void logical_shifted(struct ir *t, const struct operands *o, enum ir_op op, u32 how)
{
	if (!bad_shift(t, o))
		logical(t, o, op, shifted_b(t, o), how, false);
}

/* DecodeBitMasks: ones of imms + 1 bits, rotated right by immr, repeated.  False: reserved. */
bool arm64_bit_mask(u32 n, u32 imms, u32 immr, u64 *ret_mask)
{
	u32 len = n << 6 | (~imms & 63), size, ones, by;
	u64 v;

	if (len < 2)
		return false;
	size = 1u << (31 - clz32(len));
	ones = (imms & (size - 1)) + 1;
	by = immr & (size - 1);
	if (ones == size)
		return false;
	v = bits_mask(ones);
	if (by)
		v = (v >> by | v << (size - by)) & bits_mask(size);
	for (; size < 64; size *= 2)
		v |= v << size;
	*ret_mask = v;
	return true;
}

static void logical_imm(struct ir *t, const struct operands *o, enum ir_op op, u32 how)
{
	u64 mask;

	if ((o->z && !o->x) || !arm64_bit_mask(o->z, o->s, o->y, &mask))
		illegal(t);
	else
		logical(t, o, op, immr(t, o->x, mask), how, !(how & SETS));
}

/* ---- moves, bit fields ---- */

static void move_wide(struct ir *t, const struct operands *o, bool invert)
{
	u64 v = (u64)o->imm << (o->y * 16);

	if (!o->x && o->y > 1)
		illegal(t);
	else
		setr(t, o->x, o->d, immr(t, o->x, invert ? ~v : v));
}

static void move_keep(struct ir *t, const struct operands *o)
{
	ir_ref kept;

	if (!o->x && o->y > 1) {
		illegal(t);
		return;
	}
	kept = ir_and(t, getr(t, o->x, o->d), immr(t, o->x, ~(0xffffull << (o->y * 16))));
	setr(t, o->x, o->d, ir_or(t, kept, immr(t, o->x, (u64)o->imm << (o->y * 16))));
}

static bool bad_field(struct ir *t, const struct operands *o)
{
	if (o->z == o->x && (o->x || (o->s < 32 && o->y < 32)))
		return false;
	illegal(t);
	return true;
}

/* Bits s..y of Rn to the bottom, or its low s + 1 bits to width - y; the rest zeros or sign. */
static void field(struct ir *t, const struct operands *o, bool is_signed)
{
	u32 width = o->x ? 64 : 32, from = o->y, to = o->s;
	enum ir_op right = is_signed ? IR_SAR : IR_SHR;
	ir_ref v = getr(t, o->x, o->a);

	if (bad_field(t, o))
		return;
	if (!from && (to == 7 || to == 15 || to == 31) && to + 1 < width) {
		v = is_signed ? ir_sext(t, getx(t, o->a), to + 1) : ir_zext(t, getx(t, o->a), to + 1);
		setr(t, o->x, o->d, o->x ? v : ir_trunc(t, v));
		return;
	}
	if (to >= from) {
		if (!is_signed && to < width - 1 && to - from < 31 && from)
			v = ir_and(t, ir_bin(t, IR_SHR, v, immr(t, o->x, from)), immr(t, o->x,
					bits_mask(to - from + 1)));
		else if (!is_signed && to < width - 1 && to < 31)
			v = ir_and(t, v, immr(t, o->x, bits_mask(to + 1)));
		else
			v = ir_bin(t, right, shift(t, o->x, v, 0, width - 1 - to), immr(t, o->x,
					width - 1 - to + from));
	} else if (to == width - 1 - (width - from)) {
		v = shift(t, o->x, v, 0, width - from);	/* lsl */
	} else {
		v = shift(t, o->x, v, 0, width - 1 - to);
		v = ir_bin(t, right, v, immr(t, o->x, from - 1 - to));
	}
	setr(t, o->x, o->d, v);
}

static void field_insert(struct ir *t, const struct operands *o)
{
	u32 width = o->x ? 64 : 32, bits, at;
	ir_ref v = getr(t, o->x, o->a), d;
	u64 mask;

	if (bad_field(t, o))
		return;
	if (o->s >= o->y) {	/* bfxil */
		bits = o->s - o->y + 1u;
		at = 0;
		v = shift(t, o->x, v, 1, o->y);
	} else {
		bits = o->s + 1u;
		at = width - o->y;
	}
	mask = bits_mask(bits);
	if (bits == width) {
		setr(t, o->x, o->d, v);
		return;
	}
	v = shift(t, o->x, ir_and(t, v, immr(t, o->x, mask)), 0, at);
	d = ir_and(t, getr(t, o->x, o->d), immr(t, o->x, ~(mask << at)));
	setr(t, o->x, o->d, ir_or(t, d, v));
}

static void extract(struct ir *t, const struct operands *o)
{
	ir_ref r;

	if (o->z != o->x || (!o->x && o->s > 31)) {
		illegal(t);
		return;
	}
	if (o->a == o->b)
		r = shift(t, o->x, getr(t, o->x, o->a), 3, o->s);
	else
		r = ir_extr(t, getr(t, o->x, o->a), getr(t, o->x, o->b), o->s);
	setr(t, o->x, o->d, r);
}

static i64 adr_imm(u32 w)
{
	return (i64)((i32)(w << 8) >> 13) * 4 + (w >> 29 & 3);
}

static i64 adrp_imm(u32 w) { return adr_imm(w) * 4096; }

/* clang-format off */
INSN(adr,       "0 ii 10000 iiiiiiiiiiiiiiiiiii ddddd",     adr_imm,  "x, p")	{ setx(t, o->d, ir_imm(t, (i64)t->pc + o->imm)); }
INSN(adrp,      "1 ii 10000 iiiiiiiiiiiiiiiiiii ddddd",     adrp_imm, "x, P")
{
	setx(t, o->d, ir_imm(t, (i64)(t->pc & ~4095ull) + o->imm));
}

INSN(add_imm,   "x 00 100010 s iiiiiiiiiiii aaaaa ddddd",   NULL, "D, A, u")	{ add_imm(t, o, 0); }
INSN(adds_imm,  "x 01 100010 s iiiiiiiiiiii aaaaa ddddd",   NULL, "d, A, u")	{ add_imm(t, o, SETS); }
INSN(sub_imm,   "x 10 100010 s iiiiiiiiiiii aaaaa ddddd",   NULL, "D, A, u")	{ add_imm(t, o, SUB); }
INSN(subs_imm,  "x 11 100010 s iiiiiiiiiiii aaaaa ddddd",   NULL, "d, A, u")	{ add_imm(t, o, SUB | SETS); }
INSN(and_imm,   "x 00 100100 z yyyyyy ssssss aaaaa ddddd",  NULL, "D, a, o")	{ logical_imm(t, o, IR_AND, 0); }
INSN(orr_imm,   "x 01 100100 z yyyyyy ssssss aaaaa ddddd",  NULL, "D, a, o")	{ logical_imm(t, o, IR_OR, 0); }
INSN(eor_imm,   "x 10 100100 z yyyyyy ssssss aaaaa ddddd",  NULL, "D, a, o")	{ logical_imm(t, o, IR_XOR, 0); }
INSN(ands_imm,  "x 11 100100 z yyyyyy ssssss aaaaa ddddd",  NULL, "d, a, o")	{ logical_imm(t, o, IR_AND, SETS); }
INSN(movn,      "x 00 100101 yy iiiiiiiiiiiiiiii ddddd",    NULL, "d, u")	{ move_wide(t, o, true); }
INSN(movz,      "x 10 100101 yy iiiiiiiiiiiiiiii ddddd",    NULL, "d, u")	{ move_wide(t, o, false); }
INSN(movk,      "x 11 100101 yy iiiiiiiiiiiiiiii ddddd",    NULL, "d, u")	{ move_keep(t, o); }
INSN(sbfm,      "x 00 100110 z yyyyyy ssssss aaaaa ddddd",  NULL, "d, a, s")	{ field(t, o, true); }
INSN(bfm,       "x 01 100110 z yyyyyy ssssss aaaaa ddddd",  NULL, "d, a, s")	{ field_insert(t, o); }
INSN(ubfm,      "x 10 100110 z yyyyyy ssssss aaaaa ddddd",  NULL, "d, a, s")	{ field(t, o, false); }
INSN(extr,      "x 00 100111 z 0 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b, s")	{ extract(t, o); }

INSN(and,       "x 00 01010 yy 0 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ logical_shifted(t, o, IR_AND, 0); }
INSN(bic,       "x 00 01010 yy 1 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ logical_shifted(t, o, IR_AND, INVERT); }
INSN(orr,       "x 01 01010 yy 0 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ logical_shifted(t, o, IR_OR, 0); }
INSN(orn,       "x 01 01010 yy 1 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ logical_shifted(t, o, IR_OR, INVERT); }
INSN(eor,       "x 10 01010 yy 0 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ logical_shifted(t, o, IR_XOR, 0); }
INSN(eon,       "x 10 01010 yy 1 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ logical_shifted(t, o, IR_XOR, INVERT); }
INSN(ands,      "x 11 01010 yy 0 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ logical_shifted(t, o, IR_AND, SETS); }
INSN(bics,      "x 11 01010 yy 1 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ logical_shifted(t, o, IR_AND, SETS | INVERT); }
INSN(add,       "x 00 01011 yy 0 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ add_shifted(t, o, 0); }
INSN(adds,      "x 01 01011 yy 0 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ add_shifted(t, o, SETS); }
INSN(sub,       "x 10 01011 yy 0 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ add_shifted(t, o, SUB); }
INSN(subs,      "x 11 01011 yy 0 bbbbb ssssss aaaaa ddddd", NULL, "d, a, b")	{ add_shifted(t, o, SUB | SETS); }
INSN(add_ext,   "x 00 01011 00 1 bbbbb yyy sss aaaaa ddddd", NULL, "D, A, b")	{ add_extended(t, o, 0); }
INSN(adds_ext,  "x 01 01011 00 1 bbbbb yyy sss aaaaa ddddd", NULL, "d, A, b")	{ add_extended(t, o, SETS); }
INSN(sub_ext,   "x 10 01011 00 1 bbbbb yyy sss aaaaa ddddd", NULL, "D, A, b")	{ add_extended(t, o, SUB); }
INSN(subs_ext,  "x 11 01011 00 1 bbbbb yyy sss aaaaa ddddd", NULL, "d, A, b")	{ add_extended(t, o, SUB | SETS); }
INSN(adc,       "x 00 11010000 bbbbb 000000 aaaaa ddddd",   NULL, "d, a, b")	{ add_carry(t, o, 0); }
INSN(adcs,      "x 01 11010000 bbbbb 000000 aaaaa ddddd",   NULL, "d, a, b")	{ add_carry(t, o, SETS); }
INSN(sbc,       "x 10 11010000 bbbbb 000000 aaaaa ddddd",   NULL, "d, a, b")	{ add_carry(t, o, SUB); }
INSN(sbcs,      "x 11 11010000 bbbbb 000000 aaaaa ddddd",   NULL, "d, a, b")	{ add_carry(t, o, SUB | SETS); }
/* clang-format on */

/* ---- conditions ---- */

static void compare_if(struct ir *t, const struct operands *o, ir_ref b, bool add)
{
	setflags(t, ir_ccmp(t, o->m, getflags(t), getr(t, o->x, o->a), b, o->s, add));
}

static ir_ref same(struct ir *t UNUSED, ir_ref v) { return v; }
static ir_ref inc(struct ir *t, ir_ref v) { return ir_add(t, v, ir_const(t, t->ins[v].type, 1)); }
static ir_ref inv(struct ir *t, ir_ref v) { return ir_un(t, IR_NOT, v); }
static ir_ref neg(struct ir *t, ir_ref v) { return ir_un(t, IR_NEG, v); }

static void select_if(struct ir *t, const struct operands *o, ir_ref (*change)(struct ir *t, ir_ref v))
{
	ir_ref b;

	if (o->a == REG_ZR && o->b == REG_ZR && change == inc && o->m < FCC_AL) {	/* cset */
		setx(t, o->d, ir_setf(t, o->m ^ 1, getflags(t)));
		return;
	}
	b = change(t, getr(t, o->x, o->b));
	setr(t, o->x, o->d, ir_self(t, o->m, getflags(t), getr(t, o->x, o->a), b));
}

/* ---- multiply, divide ---- */

static void multiply_add(struct ir *t, const struct operands *o, bool subtract)
{
	ir_ref p = ir_mul(t, getr(t, o->x, o->a), getr(t, o->x, o->b)), c = getr(t, o->x, o->c);

	if (o->c != REG_ZR)
		p = subtract ? ir_sub(t, c, p) : ir_add(t, c, p);
	else if (subtract)
		p = ir_un(t, IR_NEG, p);
	setr(t, o->x, o->d, p);
}

static void multiply_long(struct ir *t, const struct operands *o, bool is_signed, bool subtract)
{
	ir_ref a = getx(t, o->a), b = getx(t, o->b), c = getx(t, o->c), p;

	a = is_signed ? ir_sext(t, a, 32) : ir_zext(t, a, 32);
	b = is_signed ? ir_sext(t, b, 32) : ir_zext(t, b, 32);
	p = ir_mul(t, a, b);
	setx(t, o->d, subtract ? ir_sub(t, c, p) : ir_add(t, c, p));
}

static void two(struct ir *t, const struct operands *o, enum ir_op op)
{
	setr(t, o->x, o->d, ir_bin(t, op, getr(t, o->x, o->a), getr(t, o->x, o->b)));
}

static void divide(struct ir *t, const struct operands *o, enum ir_op op)
{
	setr(t, o->x, o->d, ir_div(t, op, getr(t, o->x, o->a), getr(t, o->x, o->b), DIV_ARM));
}

static void min_max_imm(struct ir *t, const struct operands *o, enum ir_op op)
{
	bool is_signed = op == IR_MINS || op == IR_MAXS;

	setr(t, o->x, o->d, ir_bin(t, op, getr(t, o->x, o->a), immr(t, o->x,
			is_signed ? (u64)(i8)o->imm : (u64)o->imm)));
}

static void one(struct ir *t, const struct operands *o, enum ir_op op)
{
	setr(t, o->x, o->d, ir_un(t, op, getr(t, o->x, o->a)));
}

/* Bytes reversed in each half-word. */
static void reverse16(struct ir *t, const struct operands *o)
{
	ir_ref v = getr(t, o->x, o->a), mask = immr(t, o->x, 0x00ff00ff00ff00ffu), by = immr(t, o->x, 8);

	setr(t, o->x, o->d, ir_or(t, ir_bin(t, IR_SHL, ir_and(t, v, mask), by), ir_and(t, ir_bin(t, IR_SHR, v,
			by), mask)));
}

/* Copies of the sign below it: zeros above (v ^ sign) but one. */
static void count_sign(struct ir *t, const struct operands *o)
{
	u32 width = o->x ? 64 : 32;
	ir_ref v = getr(t, o->x, o->a), x;

	x = ir_xor(t, v, ir_bin(t, IR_SAR, v, immr(t, o->x, width - 1)));
	x = ir_un(t, IR_CLZ, x);
	setr(t, o->x, o->d, ir_sub(t, x, immr(t, o->x, 1)));
}

static void absolute(struct ir *t, const struct operands *o)
{
	ir_ref v = getr(t, o->x, o->a), sign = ir_bin(t, IR_SAR, v, immr(t, o->x, o->x ? 63 : 31));

	setr(t, o->x, o->d, ir_sub(t, ir_xor(t, v, sign), sign));
}

/* ---- CRC-32 ---- */

/* a: so far; b: data; c: bytes, with CRC_C the Castagnoli polynomial.  Reflected: bit 0 is the highest power. */
enum { CRC_C = 16 };
HELPER(arm64_crc32, HELPER_PURE)
{
	u32 poly = c & CRC_C ? 0x82f63b78u : 0xedb88320u, crc = (u32)a;

	for (u32 i = 0; i < (c & 15); i++) {
		crc ^= (u8)(b >> i * 8);
		for (u32 bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? poly : 0);
	}
	return crc;
}

static void crc(struct ir *t, const struct operands *o, u64 how)
{
	if (o->x != (o->z == 3))
		illegal(t);
	else
		setx(t, o->d, ir_call(t, &helper_arm64_crc32, IR_I64, ir_zext(t, getx(t, o->a), 32), getx(t, o->b),
				      ir_imm(t, (i64)(how | 1u << o->z))));
}

/* clang-format off */
INSN(ccmn,      "x 01 11010010 bbbbb mmmm 00 aaaaa 0 ssss", NULL, "a, b, s, h")	{ compare_if(t, o, getr(t, o->x, o->b), true); }
INSN(ccmp,      "x 11 11010010 bbbbb mmmm 00 aaaaa 0 ssss", NULL, "a, b, s, h")	{ compare_if(t, o, getr(t, o->x, o->b), false); }
INSN(ccmn_imm,  "x 01 11010010 bbbbb mmmm 10 aaaaa 0 ssss", NULL, "a, s, h")	{ compare_if(t, o, immr(t, o->x, o->b), true); }
INSN(ccmp_imm,  "x 11 11010010 bbbbb mmmm 10 aaaaa 0 ssss", NULL, "a, s, h")	{ compare_if(t, o, immr(t, o->x, o->b), false); }
INSN(csel,      "x 00 11010100 bbbbb mmmm 00 aaaaa ddddd",  NULL, "d, a, b, h")	{ select_if(t, o, same); }
INSN(csinc,     "x 00 11010100 bbbbb mmmm 01 aaaaa ddddd",  NULL, "d, a, b, h")	{ select_if(t, o, inc); }
INSN(csinv,     "x 10 11010100 bbbbb mmmm 00 aaaaa ddddd",  NULL, "d, a, b, h")	{ select_if(t, o, inv); }
INSN(csneg,     "x 10 11010100 bbbbb mmmm 01 aaaaa ddddd",  NULL, "d, a, b, h")	{ select_if(t, o, neg); }

INSN(madd,      "x 00 11011 000 bbbbb 0 ccccc aaaaa ddddd", NULL, "d, a, b, c")	{ multiply_add(t, o, false); }
INSN(msub,      "x 00 11011 000 bbbbb 1 ccccc aaaaa ddddd", NULL, "d, a, b, c")	{ multiply_add(t, o, true); }
INSN(smaddl,    "1 00 11011 001 bbbbb 0 ccccc aaaaa ddddd", NULL, "x, r, q, m")	{ multiply_long(t, o, true, false); }
INSN(smsubl,    "1 00 11011 001 bbbbb 1 ccccc aaaaa ddddd", NULL, "x, r, q, m")	{ multiply_long(t, o, true, true); }
INSN(umaddl,    "1 00 11011 101 bbbbb 0 ccccc aaaaa ddddd", NULL, "x, r, q, m")	{ multiply_long(t, o, false, false); }
INSN(umsubl,    "1 00 11011 101 bbbbb 1 ccccc aaaaa ddddd", NULL, "x, r, q, m")	{ multiply_long(t, o, false, true); }
INSN(smulh,     "1 00 11011 010 bbbbb 0 ..... aaaaa ddddd", NULL, "d, a, b")
{
	setx(t, o->d, ir_bin(t, IR_MULHS, getx(t, o->a), getx(t, o->b)));
}
INSN(umulh,     "1 00 11011 110 bbbbb 0 ..... aaaaa ddddd", NULL, "d, a, b")
{
	setx(t, o->d, ir_bin(t, IR_MULHU, getx(t, o->a), getx(t, o->b)));
}
INSN(udiv,      "x 00 11010110 bbbbb 000010 aaaaa ddddd",   NULL, "d, a, b")	{ divide(t, o, IR_DIVU); }
INSN(sdiv,      "x 00 11010110 bbbbb 000011 aaaaa ddddd",   NULL, "d, a, b")	{ divide(t, o, IR_DIVS); }
INSN(lslv,      "x 00 11010110 bbbbb 001000 aaaaa ddddd",   NULL, "d, a, b")	{ two(t, o, IR_SHL); }
INSN(lsrv,      "x 00 11010110 bbbbb 001001 aaaaa ddddd",   NULL, "d, a, b")	{ two(t, o, IR_SHR); }
INSN(asrv,      "x 00 11010110 bbbbb 001010 aaaaa ddddd",   NULL, "d, a, b")	{ two(t, o, IR_SAR); }
INSN(rorv,      "x 00 11010110 bbbbb 001011 aaaaa ddddd",   NULL, "d, a, b")	{ two(t, o, IR_ROR); }
INSN(rbit,      "x 10 11010110 00000 000000 aaaaa ddddd",   NULL, "d, a")	{ one(t, o, IR_BITREV); }
INSN(rev16,     "x 10 11010110 00000 000001 aaaaa ddddd",   NULL, "d, a")	{ reverse16(t, o); }
INSN(rev_w,     "0 10 11010110 00000 000010 aaaaa ddddd",   NULL, "d, a")	{ one(t, o, IR_BSWAP); }
INSN(rev32,     "1 10 11010110 00000 000010 aaaaa ddddd",   NULL, "d, a")
{
	setx(t, o->d, ir_bin(t, IR_ROR, ir_un(t, IR_BSWAP, getx(t, o->a)), ir_imm(t, 32)));
}
INSN(rev,       "1 10 11010110 00000 000011 aaaaa ddddd",   NULL, "d, a")	{ setx(t, o->d, ir_un(t, IR_BSWAP, getx(t, o->a))); }
INSN(clz,       "x 10 11010110 00000 000100 aaaaa ddddd",   NULL, "d, a")	{ one(t, o, IR_CLZ); }
INSN(cls,       "x 10 11010110 00000 000101 aaaaa ddddd",   NULL, "d, a")	{ count_sign(t, o); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_CRC32
/* clang-format off */
INSN(crc32,     "x 00 11010110 bbbbb 0100zz aaaaa ddddd",   NULL, "w, r, q")	{ crc(t, o, 0); }
INSN(crc32c,    "x 00 11010110 bbbbb 0101zz aaaaa ddddd",   NULL, "w, r, q")	{ crc(t, o, CRC_C); }
/* clang-format on */

#undef FEATURE
#define FEATURE ARM_CSSC
/* clang-format off */
INSN(smax,      "x 00 11010110 bbbbb 011000 aaaaa ddddd",   NULL, "d, a, b")	{ two(t, o, IR_MAXS); }
INSN(umax,      "x 00 11010110 bbbbb 011001 aaaaa ddddd",   NULL, "d, a, b")	{ two(t, o, IR_MAXU); }
INSN(smin,      "x 00 11010110 bbbbb 011010 aaaaa ddddd",   NULL, "d, a, b")	{ two(t, o, IR_MINS); }
INSN(umin,      "x 00 11010110 bbbbb 011011 aaaaa ddddd",   NULL, "d, a, b")	{ two(t, o, IR_MINU); }
INSN(smax_imm,  "x 00 1000111 0000 iiiiiiii aaaaa ddddd",   NULL, "d, a, i")	{ min_max_imm(t, o, IR_MAXS); }
INSN(umax_imm,  "x 00 1000111 0001 iiiiiiii aaaaa ddddd",   NULL, "d, a, i")	{ min_max_imm(t, o, IR_MAXU); }
INSN(smin_imm,  "x 00 1000111 0010 iiiiiiii aaaaa ddddd",   NULL, "d, a, i")	{ min_max_imm(t, o, IR_MINS); }
INSN(umin_imm,  "x 00 1000111 0011 iiiiiiii aaaaa ddddd",   NULL, "d, a, i")	{ min_max_imm(t, o, IR_MINU); }
INSN(ctz,       "x 10 11010110 00000 000110 aaaaa ddddd",   NULL, "d, a")	{ one(t, o, IR_CTZ); }
INSN(cnt,       "x 10 11010110 00000 000111 aaaaa ddddd",   NULL, "d, a")	{ one(t, o, IR_POPC); }
INSN(abs,       "x 10 11010110 00000 001000 aaaaa ddddd",   NULL, "d, a")	{ absolute(t, o); }
/* clang-format on */
