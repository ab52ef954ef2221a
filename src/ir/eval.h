/* What the pure integer operations compute, in one place: the folder evaluates
 * constants with it and the interpreter runs it.
 *
 * Values of I32 (and F32) are kept zero-extended in u64.  Private to ir/.
 */
#ifndef IR_EVAL_H
#define IR_EVAL_H

#include "base/bits.h"
#include "ir/ir.h"

static inline bool ir_cc_holds(enum ir_cc cc, enum ir_type type, u64 a, u64 b)
{
	i64 sa = type == IR_I32 ? (i32)a : (i64)a, sb = type == IR_I32 ? (i32)b : (i64)b;

	switch (cc) {
	case CC_EQ: return a == b;
	case CC_NE: return a != b;
	case CC_LT: return sa < sb;
	case CC_GE: return sa >= sb;
	case CC_LE: return sa <= sb;
	case CC_GT: return sa > sb;
	case CC_LTU: return a < b;
	case CC_GEU: return a >= b;
	case CC_LEU: return a <= b;
	case CC_GTU: return a > b;
	case CC_MAX: break;
	}
	assert(!"a condition");
	return false;
}

static inline u64 ir_eval_div(enum ir_op op, enum ir_div rule, bool w, u64 a, u64 b)
{
	i64 sa = w ? (i32)a : (i64)a, sb = w ? (i32)b : (i64)b, min = w ? INT32_MIN : INT64_MIN;

	if (rule == DIV_ARM && !(w ? (u32)b : b))
		return 0;
	if (op == IR_DIVU)
		return b ? a / b : ~0ull;
	if (op == IR_REMU)
		return b ? a % b : a;
	if (!sb)
		return op == IR_DIVS ? ~0ull : a;
	if (sb == -1)
		return op == IR_DIVS ? (u64)(sa == min ? min : -sa) : 0;
	return (u64)(op == IR_DIVS ? sa / sb : sa % sb);
}

static inline u64 ir_eval_mul_high(enum ir_op op, bool w, u64 a, u64 b)
{
	if (w) {
		i64 sa = op == IR_MULHU ? (i64)a : (i32)a, sb = op == IR_MULHS ? (i32)b : (i64)b;

		return (u64)sa * (u64)sb >> 32;
	}
	if (op == IR_MULHU)
		return (u64)((unsigned __int128)a * b >> 64);
	if (op == IR_MULHS)
		return (u64)((__int128)(i64)a * (i64)b >> 64);
	return (u64)((__int128)(i64)a * (__int128)b >> 64);
}

static inline u64 ir_eval_orcb(u64 a)
{
	u64 r = 0;

	for (u32 i = 0; i < 64; i += 8)
		r |= a >> i & 0xff ? 0xffull << i : 0;
	return r;
}

static inline u64 ir_eval_bitrev(u64 a)
{
	a = (a >> 1 & 0x5555555555555555u) | (a & 0x5555555555555555u) << 1;
	a = (a >> 2 & 0x3333333333333333u) | (a & 0x3333333333333333u) << 2;
	a = (a >> 4 & 0x0f0f0f0f0f0f0f0fu) | (a & 0x0f0f0f0f0f0f0f0fu) << 4;
	return swap64(a);
}

/* Sign of b, its opposite, or the product's, on a. */
static inline u64 ir_eval_sgn(enum ir_sgn how, bool w, u64 a, u64 b)
{
	u64 sign = w ? 1ull << 31 : 1ull << 63;

	if (how == SGN_NEG)
		b = ~b;
	else if (how == SGN_XOR)
		b ^= a;
	return (a & ~sign) | (b & sign);
}

/* Result of a pure operation; src: type of operand a. */
static inline u64 ir_eval(const struct ir_ins *i, enum ir_type src, u64 a, u64 b, u64 c)
{
	bool w = i->type == IR_I32 || i->type == IR_F32;
	u32 mask = w ? 31 : 63, k = (u32)b & mask;
	i64 sa = w ? (i32)a : (i64)a, sb = w ? (i32)b : (i64)b;
	u64 r;

	if (w && i->op != IR_SELECT) {	/* after ir_narrow operands may have an upper half */
		a = (u32)a;
		b = (u32)b;
	}
	switch (i->op) {
	case IR_ADD: r = a + b; break;
	case IR_SUB: r = a - b; break;
	case IR_MUL: r = a * b; break;
	case IR_MULHS: case IR_MULHU: case IR_MULHSU: r = ir_eval_mul_high(i->op, w, a, b); break;
	case IR_DIVS: case IR_DIVU: case IR_REMS: case IR_REMU:
		r = ir_eval_div(i->op, i->aux, w, a, b);
		break;
	case IR_NEG: r = -a; break;
	case IR_NOT: r = ~a; break;
	case IR_AND: r = a & b; break;
	case IR_OR: r = a | b; break;
	case IR_XOR: r = a ^ b; break;
	case IR_ANDN: r = a & ~b; break;
	case IR_SHL: r = a << k; break;
	case IR_SHR: r = a >> k; break;
	case IR_SAR: r = (u64)(sa >> k); break;
	case IR_ROL: r = w ? rotl32((u32)a, k) : rotl64(a, k); break;
	case IR_ROR: r = w ? rotr32((u32)a, k) : rotr64(a, k); break;
	case IR_MINS: r = sa < sb ? a : b; break;
	case IR_MAXS: r = sa > sb ? a : b; break;
	case IR_MINU: r = a < b ? a : b; break;
	case IR_MAXU: r = a > b ? a : b; break;
	case IR_SEXT: r = (u64)sign_extend(a, i->aux); break;
	case IR_ZEXT: r = a & bits_mask(i->aux); break;
	case IR_TRUNC: r = a; break;
	case IR_BSWAP: r = w ? swap32((u32)a) : swap64(a); break;
	case IR_CLZ: r = w ? clz32((u32)a) : clz64(a); break;
	case IR_CTZ: r = w ? ctz32((u32)a) : ctz64(a); break;
	case IR_POPC: r = popcount64(a); break;
	case IR_BITREV: r = w ? ir_eval_bitrev(a) >> 32 : ir_eval_bitrev(a); break;
	case IR_EXTR: r = w ? (u32)((a << 32 | b) >> i->aux) : (b >> i->aux) | a << (64 - i->aux); break;
	case IR_ORCB: r = ir_eval_orcb(a); break;
	case IR_SETCC: r = ir_cc_holds(i->aux, src, a, b); break;
	case IR_SELECT: r = a ? b : c; break;
	case IR_FSGN: r = ir_eval_sgn(i->aux, w, a, b); break;
	case IR_BITCAST: r = a; break;
	case IR_BOX: r = a | 0xffffffff00000000u; break;
	default:
		assert(!"an operation without effects");
		r = 0;
	}
	return w ? (u32)r : r;
}

#endif
