/* Rules that the builder applies to pure operations as they are made.
 *
 * ir_pure() gets a candidate instruction.  It evaluates constants, brings
 * operands into normal form (constants on the right, subtraction of a constant
 * as addition), then asks the rules of the operation, which either name an
 * existing value, or change the candidate into a simpler one and let it be
 * looked at again, or leave it alone.  What is known of a value's range (a
 * byte load, a comparison's 0 or 1) removes extensions and masks.
 *
 * Not done: finding equal subexpressions; rules that look through values of
 * earlier guest instructions (build.h says why).
 */
#include "ir/build.h"
#include "ir/eval.h"

enum { AGAIN = 0xffff };	/* a rule's answer: the candidate changed */

bool ir_may_read(const struct ir *t, ir_ref v, ir_ref x)
{
	const struct ir_ins *i = ir_at(t, x);

	if (v > t->mark || i->op == IR_CONST)
		return true;
	if (i->op == IR_GET && t->cur[i->imm] == x)
		return true;
	for (u32 s = 1; s < t->slot_count; s++)
		if (t->cur[s] == x)
			return true;
	return false;
}

/* ---- what is known of a value ---- */

/* Width such that the value is below 1 << width; 64 (32 for I32) when nothing is known. */
static u32 zero_width(const struct ir *t, ir_ref v)
{
	const struct ir_ins *i = ir_at(t, v);
	u32 all = i->type == IR_I32 ? 32 : 64, wa, wb;
	u64 k;

	switch (i->op) {
	case IR_CONST:
		return 64 - clz64(t->konst[i->imm]);
	case IR_ZEXT:
		return i->aux;
	case IR_SETCC: case IR_FCMP: case IR_SC: case IR_SETF:
		return 1;
	case IR_FFLAGS_GET:
		return t->fp->denormal_rule == FP_DENORMAL_SILENT ? 5 : 6;
	case IR_FCLASS:
		return 10;
	case IR_CLZ: case IR_CTZ: case IR_POPC:
		return 7;
	case IR_VGET:
		return i->aux & MEM_SIGNED ? all : 8u << (i->aux & MEM_SIZE);
	case IR_LD: case IR_LL: case IR_AMO: case IR_CAS:
		return i->type != IR_I64 || i->aux & MEM_SIGNED ? all : 8u << (i->aux & MEM_SIZE);
	case IR_AND:
		if (ir_is_const(t, i->b, &k))
			return 64 - clz64(k);
		return all;
	case IR_SHR:
		if (ir_is_const(t, i->b, &k))
			return all - (u32)(k & (all - 1));
		return all;
	case IR_SELECT:
		wa = ir_at(t, i->b)->op == IR_CONST ? zero_width(t, i->b) : all;
		wb = ir_at(t, i->c)->op == IR_CONST ? zero_width(t, i->c) : all;
		return wa > wb ? wa : wb;
	default:
		return all;
	}
}

/* Width such that the I64 value is its own low bits sign-extended; 64 when nothing is known. */
static u32 sign_width(const struct ir *t, ir_ref v)
{
	const struct ir_ins *i = ir_at(t, v);
	u32 width = zero_width(t, v);
	u64 k;

	if (i->op == IR_SEXT)
		return i->aux;
	if ((i->op == IR_LD || i->op == IR_LL || i->op == IR_AMO) && i->type == IR_I64 && i->aux & MEM_SIGNED)
		return 8u << (i->aux & MEM_SIZE);
	if (ir_is_const(t, v, &k))
		return 65 - clz64((i64)k < 0 ? ~k : k);
	return width < 64 ? width + 1 : 64;
}

static bool is_bool(const struct ir *t, ir_ref v)
{
	return ir_at(t, v)->type == IR_I64 && zero_width(t, v) <= 1;
}

/* ---- comparisons ---- */

enum ir_cc ir_cc_swap(enum ir_cc cc)
{
	static const u8 swapped[CC_MAX] = {
		[CC_EQ] = CC_EQ, [CC_NE] = CC_NE, [CC_LT] = CC_GT, [CC_GE] = CC_LE, [CC_LE] = CC_GE,
		[CC_GT] = CC_LT, [CC_LTU] = CC_GTU, [CC_GEU] = CC_LEU, [CC_LEU] = CC_GEU, [CC_GTU] = CC_LTU,
	};

	return swapped[cc];
}

static u64 type_ones(u32 type)
{
	return type == IR_I32 || type == IR_F32 ? 0xffffffffu : ~0ull;
}

static int cc_of_equal(enum ir_cc cc)
{
	return cc == CC_EQ || cc == CC_GE || cc == CC_LE || cc == CC_GEU || cc == CC_LEU;
}

/* Unsigned comparison with constant k: -1 left open, else its outcome; may become EQ or NE. */
static int fold_unsigned(u8 *cc, u64 k, u64 ones, bool *ret_against_zero)
{
	*ret_against_zero = true;
	if (!k && (*cc == CC_LTU || *cc == CC_GEU))
		return *cc == CC_GEU;
	if (k == ones && (*cc == CC_GTU || *cc == CC_LEU))
		return *cc == CC_LEU;
	if ((k == 1 && *cc == CC_LTU) || (!k && *cc == CC_LEU))
		*cc = CC_EQ;
	else if ((k == 1 && *cc == CC_GEU) || (!k && *cc == CC_GTU))
		*cc = CC_NE;
	else
		*ret_against_zero = false;
	return -1;
}

int ir_fold_cc(const struct ir *t, u8 *cc, ir_ref *a, ir_ref *b)
{
	const struct ir_ins *i;
	u64 ka = 0, kb = 0;

	if (t->plain)
		return -1;
	for (;;) {
		bool const_a = ir_is_const(t, *a, &ka), const_b = ir_is_const(t, *b, &kb);

		if (const_a && const_b)
			return ir_cc_holds(*cc, ir_at(t, *a)->type, ka, kb);
		if (*a == *b)
			return cc_of_equal(*cc);
		if (const_a) {
			ir_ref swap = *a;

			*a = *b;
			*b = swap;
			*cc = ir_cc_swap(*cc);
			continue;
		}
		i = ir_at(t, *a);
		if (!const_b || kb || i->op != IR_SETCC || (*cc != CC_EQ && *cc != CC_NE) ||
		    !ir_may_read(t, *a, i->a) || !ir_may_read(t, *a, i->b))
			return -1;
		*cc = *cc == CC_NE ? i->aux : i->aux ^ 1;	/* the truth of a comparison */
		*a = i->a;
		*b = i->b;
	}
}

/* ---- rules by operation: 0 = none applies, AGAIN, or the value ---- */

static ir_ref to_unary(struct ir_ins *i, enum ir_op op, ir_ref a)
{
	i->op = op;
	i->a = a;
	i->b = 0;
	return AGAIN;
}

static ir_ref to_binary(struct ir_ins *i, enum ir_op op, ir_ref a, ir_ref b)
{
	i->op = op;
	i->a = a;
	i->b = b;
	return AGAIN;
}

static ir_ref konst(struct ir *t, const struct ir_ins *i, u64 v)
{
	return ir_const(t, i->type, v);
}

static ir_ref extend(struct ir_ins *i, enum ir_op op, ir_ref a, u32 bits)
{
	i->op = op;
	i->type = IR_I64;
	i->aux = (u8)bits;
	i->a = a;
	i->b = 0;
	return AGAIN;
}

/* (x op k1) op k: the sum or the like as one constant. */
static ir_ref merge_const(struct ir *t, struct ir_ins *i, u64 k)
{
	const struct ir_ins *in = ir_at(t, i->a);
	u64 k1;

	if (in->op != i->op || !ir_is_const(t, in->b, &k1) || !ir_may_read(t, i->a, in->a))
		return 0;
	switch (i->op) {
	case IR_ADD: k += k1; break;
	case IR_AND: k &= k1; break;
	case IR_OR: k |= k1; break;
	case IR_XOR: k ^= k1; break;
	default: return 0;
	}
	return to_binary(i, i->op, in->a, konst(t, i, k));
}

static ir_ref fold_add_const(struct ir *t, struct ir_ins *i, u64 k)
{
	return k ? merge_const(t, i, k) : i->a;
}

static ir_ref fold_and_const(struct ir *t, struct ir_ins *i, u64 k)
{
	u32 width = zero_width(t, i->a);

	if (!k)
		return konst(t, i, 0);
	if (!(~k & bits_mask(width)))
		return i->a;
	if (i->type == IR_I64 && (k == 0xff || k == 0xffff || k == 0xffffffffu))
		return extend(i, IR_ZEXT, i->a, 64 - clz64(k));
	return merge_const(t, i, k);
}

static ir_ref fold_xor_const(struct ir *t, struct ir_ins *i, u64 k)
{
	const struct ir_ins *in = ir_at(t, i->a);

	if (!k)
		return i->a;
	if (k == type_ones(i->type))
		return to_unary(i, IR_NOT, i->a);
	if (k == 1 && in->op == IR_SETCC && i->type == IR_I64 && ir_may_read(t, i->a, in->a) &&
	    ir_may_read(t, i->a, in->b)) {
		i->aux = in->aux ^ 1;
		return to_binary(i, IR_SETCC, in->a, in->b);
	}
	return merge_const(t, i, k);
}

static ir_ref fold_mul_const(struct ir *t, struct ir_ins *i, u64 k)
{
	if (!k)
		return konst(t, i, 0);
	if (k == 1)
		return i->a;
	if (k == type_ones(i->type))
		return to_unary(i, IR_NEG, i->a);
	if (is_power_of_2(k))
		return to_binary(i, IR_SHL, i->a, konst(t, i, ctz64(k)));
	return 0;
}

static ir_ref fold_div_const(struct ir *t, struct ir_ins *i, u64 k)
{
	bool minus_1 = k == type_ones(i->type);

	if (i->op == IR_DIVU && is_power_of_2(k))
		return to_binary(i, IR_SHR, i->a, konst(t, i, ctz64(k)));
	if (i->op == IR_REMU && is_power_of_2(k))
		return to_binary(i, IR_AND, i->a, konst(t, i, k - 1));
	if (i->op == IR_DIVS && k == 1)
		return i->a;
	if (i->aux == DIV_ARM && !k)
		return konst(t, i, 0);
	if (i->op == IR_DIVS && minus_1)
		return to_unary(i, IR_NEG, i->a);	/* MIN / -1 = MIN */
	if (i->op == IR_REMS && (k == 1 || minus_1))
		return konst(t, i, 0);
	return 0;
}

/* Shift of a by constant k. */
static ir_ref fold_shift_const(struct ir *t, struct ir_ins *i, u64 k)
{
	u32 bits = i->type == IR_I32 ? 32 : 64, by = (u32)k & (bits - 1);
	const struct ir_ins *in = ir_at(t, i->a);
	u64 k1;

	if (!by)
		return i->a;
	if (by != k)
		return to_binary(i, i->op, i->a, konst(t, i, by));
	if (i->op == IR_SHR && zero_width(t, i->a) <= by)
		return konst(t, i, 0);
	if (i->op == IR_ROL || i->op == IR_ROR || !ir_is_const(t, in->b, &k1) || in->type != i->type ||
	    !ir_may_read(t, i->a, in->a))
		return 0;
	if (in->op == i->op) {	/* both counts are below bits */
		if (k1 + k < bits)
			return to_binary(i, i->op, in->a, konst(t, i, k1 + k));
		if (i->op == IR_SAR)
			return to_binary(i, i->op, in->a, konst(t, i, bits - 1));
		return konst(t, i, 0);
	}
	/* left and back by as much: an extension */
	if (in->op == IR_SHL && k1 == k && bits == 64 && (k == 32 || k == 48 || k == 56))
		return extend(i, i->op == IR_SHR ? IR_ZEXT : IR_SEXT, in->a, 64 - by);
	return 0;
}

/* Operand b is constant k. */
static ir_ref fold_right_const(struct ir *t, struct ir_ins *i, u64 k)
{
	u64 ones = type_ones(i->type);

	if (i->op == IR_ADD)	/* most are */
		return fold_add_const(t, i, k);
	switch (i->op) {
	case IR_SUB: return to_binary(i, IR_ADD, i->a, konst(t, i, -k));
	case IR_AND: return fold_and_const(t, i, k);
	case IR_ANDN: return to_binary(i, IR_AND, i->a, konst(t, i, ~k));
	case IR_OR: return !k ? i->a : k == ones ? i->b : merge_const(t, i, k);
	case IR_XOR: return fold_xor_const(t, i, k);
	case IR_MUL: return fold_mul_const(t, i, k);
	case IR_MULHS: return k ? 0 : i->b;
	case IR_MULHU: return k > 1 ? 0 : konst(t, i, 0);
	case IR_DIVS: case IR_DIVU: case IR_REMS: case IR_REMU: return fold_div_const(t, i, k);
	case IR_SHL: case IR_SHR: case IR_SAR: case IR_ROL: case IR_ROR: return fold_shift_const(t, i, k);
	case IR_MINU: return !k ? i->b : k == ones ? i->a : 0;
	case IR_MAXU: return !k ? i->a : k == ones ? i->b : 0;
	default: return 0;
	}
}

static ir_ref fold_left_const(struct ir *t, struct ir_ins *i, u64 k)
{
	switch (i->op) {
	case IR_SUB: return k ? 0 : to_unary(i, IR_NEG, i->b);
	case IR_ANDN:
		if (!k)
			return i->a;
		return k == type_ones(i->type) ? to_unary(i, IR_NOT, i->b) : 0;
	case IR_SHL: case IR_SHR: case IR_ROL: case IR_ROR:
		return k ? 0 : i->a;
	case IR_SAR:
		return !k || k == type_ones(i->type) ? i->a : 0;
	case IR_MULHSU:
		return k ? 0 : i->a;
	default: return 0;
	}
}

static ir_ref fold_same(struct ir *t, struct ir_ins *i)
{
	switch (i->op) {
	case IR_SUB: case IR_XOR: case IR_ANDN:
		return konst(t, i, 0);
	case IR_AND: case IR_OR: case IR_MINS: case IR_MAXS: case IR_MINU: case IR_MAXU:
		return i->a;
	default: return 0;
	}
}

static bool is_commutative(enum ir_op op)
{
	return op == IR_ADD || op == IR_MUL || op == IR_MULHS || op == IR_MULHU || op == IR_AND ||
	       op == IR_OR || op == IR_XOR || (op >= IR_MINS && op <= IR_MAXU);
}

static ir_ref fold_binary(struct ir *t, struct ir_ins *i)
{
	const struct ir_ins *in;
	u64 ka = 0, kb = 0;
	bool const_a = ir_is_const(t, i->a, &ka), const_b = ir_is_const(t, i->b, &kb);

	if (const_a && !const_b && is_commutative(i->op))
		return to_binary(i, i->op, i->b, i->a);
	if (i->a == i->b)
		return fold_same(t, i);
	if (const_b)
		return fold_right_const(t, i, kb);
	if (const_a)
		return fold_left_const(t, i, ka);
	in = ir_at(t, i->b);
	if (in->op == IR_NEG && ir_may_read(t, i->b, in->a) && (i->op == IR_ADD || i->op == IR_SUB))
		return to_binary(i, i->op == IR_ADD ? IR_SUB : IR_ADD, i->a, in->a);
	if (in->op == IR_NOT && i->op == IR_AND && ir_may_read(t, i->b, in->a))
		return to_binary(i, IR_ANDN, i->a, in->a);
	in = ir_at(t, i->a);
	if (in->op == IR_NOT && i->op == IR_AND && ir_may_read(t, i->a, in->a))
		return to_binary(i, IR_ANDN, i->b, in->a);
	return 0;
}

/* NEG NOT BSWAP */
static ir_ref fold_involution(struct ir *t, struct ir_ins *i)
{
	const struct ir_ins *in = ir_at(t, i->a);

	if (in->op == i->op && ir_may_read(t, i->a, in->a))
		return in->a;
	if (i->op == IR_NEG && in->op == IR_SUB && ir_may_read(t, i->a, in->a) && ir_may_read(t, i->a, in->b))
		return to_binary(i, IR_SUB, in->b, in->a);
	return 0;
}

static ir_ref fold_extend(struct ir *t, struct ir_ins *i)
{
	const struct ir_ins *in = ir_at(t, i->a);
	bool is_signed = i->op == IR_SEXT;

	if (in->type == IR_I64 && (is_signed ? sign_width(t, i->a) : zero_width(t, i->a)) <= i->aux)
		return i->a;
	if (in->op != IR_SEXT && in->op != IR_ZEXT && in->op != IR_TRUNC)
		return 0;
	if (!ir_may_read(t, i->a, in->a))
		return 0;
	/* only bits that the inner one left alone are looked at */
	if (in->op == IR_TRUNC || i->aux <= in->aux)
		return extend(i, i->op, in->a, i->aux);
	return 0;
}

static ir_ref fold_trunc(struct ir *t, struct ir_ins *i)
{
	const struct ir_ins *in = ir_at(t, i->a);

	if ((in->op != IR_SEXT && in->op != IR_ZEXT) || in->aux < 32 || !ir_may_read(t, i->a, in->a))
		return 0;
	if (ir_at(t, in->a)->type == IR_I32)
		return in->a;
	return to_unary(i, IR_TRUNC, in->a);
}

static ir_ref fold_setcc(struct ir *t, struct ir_ins *i)
{
	int known = ir_fold_cc(t, &i->aux, &i->a, &i->b);
	bool against_zero;
	u64 k;

	if (known >= 0)
		return ir_imm(t, known);
	if (!ir_is_const(t, i->b, &k))
		return 0;
	known = fold_unsigned(&i->aux, k, type_ones(ir_at(t, i->a)->type), &against_zero);
	if (known >= 0)
		return ir_imm(t, known);
	if (against_zero) {
		i->b = ir_const(t, ir_at(t, i->a)->type, 0);
		return AGAIN;
	}
	if (!k && i->aux == CC_NE && is_bool(t, i->a))
		return i->a;
	return 0;
}

static ir_ref fold_select(struct ir *t, struct ir_ins *i)
{
	const struct ir_ins *in = ir_at(t, i->a);
	u64 k;

	if (ir_is_const(t, i->a, &k))
		return k ? i->b : i->c;
	if (i->b == i->c)
		return i->b;
	if (in->op == IR_SETCC && (in->aux == CC_NE || in->aux == CC_EQ) && ir_is_const(t, in->b, &k) && !k &&
	    ir_at(t, in->a)->type == IR_I64 && ir_may_read(t, i->a, in->a)) {
		if (in->aux == CC_EQ) {
			ir_ref swap = i->b;

			i->b = i->c;
			i->c = swap;
		}
		i->a = in->a;
		return AGAIN;
	}
	return 0;
}

static ir_ref fold_bitcast(struct ir *t, struct ir_ins *i)
{
	const struct ir_ins *in = ir_at(t, i->a);

	if (in->type == i->type)
		return i->a;
	if (in->op == IR_BITCAST && ir_at(t, in->a)->type == i->type)
		return in->a;
	return 0;
}

static ir_ref fold_unbox(struct ir *t, struct ir_ins *i)
{
	const struct ir_ins *in = ir_at(t, i->a);
	u64 k;

	if (in->op == IR_BOX)
		return in->a;
	if (!ir_is_const(t, i->a, &k))
		return 0;
	if (k >> 32 != 0xffffffffu)
		k = t->fp->default_nan_negative ? 0xffc00000u : 0x7fc00000u;
	return ir_const(t, IR_F32, (u32)k);
}

static ir_ref apply_rules(struct ir *t, struct ir_ins *i)
{
	switch (i->op) {
	case IR_NEG: case IR_NOT: case IR_BSWAP: return fold_involution(t, i);
	case IR_SEXT: case IR_ZEXT: return fold_extend(t, i);
	case IR_TRUNC: return fold_trunc(t, i);
	case IR_SETCC: return fold_setcc(t, i);
	case IR_SELECT: return fold_select(t, i);
	case IR_BITCAST: return fold_bitcast(t, i);
	case IR_UNBOX: return fold_unbox(t, i);
	case IR_FSGN: return i->a == i->b && i->aux == SGN_COPY ? i->a : 0;
	default: return 0;
	}
}

/* Operand a is constant; if the others are too: the result, else 0. */
static ir_ref fold_constants(struct ir *t, const struct ir_ins *i)
{
	u64 a = t->konst[ir_at(t, i->a)->imm], b = 0, c = 0;

	if (i->op == IR_UNBOX || i->op == IR_FCLASS)
		return 0;
	if ((i->b && !ir_is_const(t, i->b, &b)) || (i->c && !ir_is_const(t, i->c, &c)))
		return 0;
	return konst(t, i, ir_eval(i, ir_at(t, i->a)->type, a, b, c));
}

ir_ref ir_pure(struct ir *t, struct ir_ins i)
{
	for (u32 rounds = 0; !t->plain && rounds < 16; rounds++) {
		ir_ref r = 0;

		if (ir_at(t, i.a)->op == IR_CONST)
			r = fold_constants(t, &i);
		if (!r && i.op <= IR_MAXU && i.b)
			r = fold_binary(t, &i);
		else if (!r)
			r = apply_rules(t, &i);
		if (!r)
			break;
		if (r != AGAIN)
			return r;
	}
	return ir_emit(t, i);
}
