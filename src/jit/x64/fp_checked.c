/* Scalar floating point for guests whose NaN results the host cannot make and
 * that find tininess before rounding (Arm; jit.md 2.4): the host's operation,
 * then a test for the cases in which it may be wrong, which are done again in C
 * with the operands, still untouched.  What the host has flagged by then is a
 * part of what C flags.
 *
 * A NaN result: unordered with itself.  Underflow found before rounding differs
 * only where a tiny result was rounded up to the least normal number, so results
 * of just that size go to C too (products, quotients, narrowing).
 *
 * Upper lanes: see value.clean.
 */
#include "jit/x64/x64.h"

enum { TEST_NAN, TEST_NAN_TINY, TEST_NONE };

static u32 pp_scalar(u32 type)
{
	return type == IR_F64 ? PP_F2 : PP_F3;
}

static u8 clean_of(struct x64 *e, ir_ref r, u32 type)
{
	u8 clean = x64_value(e, r)->clean;

	return type == IR_F64 ? (clean ? 64 : 0) : clean == 32 ? 32 : 0;
}

static u32 spare_scratch(const struct x64 *e)
{
	u32 n = 0;

	for (u32 s = 0; s < XMM_BOX; s++)
		n += !(e->busy_xmm & 1u << s);
	return n;
}

/* All in C. */
static void emit_soft(struct x64 *e, const struct ir_ins *n)
{
	const ir_ref operand[3] = {n->a, n->b, n->c};
	u32 count = 0, d;
	u8 in[3];

	for (; count < 3 && operand[count]; count++)
		in[count] = (u8)x64_xmm(e, operand[count]);
	for (u32 k = 0; k < count; k++)
		x64_used(e, operand[k]);
	d = x64_xdest(e);
	x64_soft_call(e, NULL, in, count, 7, d, true);
	x64_set_xmm(e, d);
	e->v[e->i].clean = n->type == IR_F64 ? 64 : 32;
}

/* Write the operation: result to r. */
static void write_op(struct x64 *e, const struct ir_ins *n, u32 r, const u8 *in)
{
	static const u8 op[] = {[IR_FADD - IR_FADD] = 0x58, [IR_FSUB - IR_FADD] = 0x5c, [IR_FMUL - IR_FADD] = 0x59,
				[IR_FDIV - IR_FADD] = 0x5e};
	static const u8 op231[4] = {0xb9, 0xbd, 0xbb, 0xbf};	/* by FMA_NEG_PRODUCT, FMA_NEG_ADDEND */
	static const u8 rounding[] = {[FP_RNE] = 0, [FP_RDN] = 1, [FP_RUP] = 2, [FP_RTZ] = 3};
	bool is64 = n->type == IR_F64;

	switch (n->op) {
	case IR_FADD: case IR_FSUB: case IR_FMUL: case IR_FDIV:
		e_vrr(&e->p, MAP_0F, pp_scalar(n->type), 0, op[n->op - IR_FADD], r, in[0], in[1]);
		break;
	case IR_FSQRT:
		e_vrr(&e->p, MAP_0F, pp_scalar(n->type), 0, 0x51, r, XMM_BOX, in[0]);
		break;
	case IR_FMA:
		e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x28, r, 0, in[2]);
		e_vrr(&e->p, MAP_0F38, PP_66, is64, op231[n->d], r, in[0], in[1]);
		break;
	case IR_FRINT:	/* bit 3: inexact raises nothing */
		e_vrr(&e->p, MAP_0F3A, PP_66, 0, is64 ? 0x0b : 0x0a, r, XMM_BOX, in[0]);
		e8(&e->p, rounding[n->aux] | (n->d ? 0 : 8));
		break;
	case IR_FCVT:
		e_vrr(&e->p, MAP_0F, is64 ? PP_F3 : PP_F2, 0, 0x5a, r, XMM_BOX, in[0]);
		break;
	default:
		assert(!"an operation that is checked");
	}
}

/* Jump to the cold path if the result in r may be wrong. */
static u8 *write_test(struct x64 *e, u32 test, bool is64, u32 r)
{
	u32 t;

	if (test == TEST_NAN) {
		e_vrr(&e->p, MAP_0F, is64 ? PP_66 : PP_NONE, 0, 0x2e, r, 0, r);
		return e_jcc(&e->p, J_P);
	}
	t = x64_xtemp(e);
	e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x54, t, r, at(is64 ? AREA(abs_all64) : AREA(abs_all32)));
	e_vrm(&e->p, MAP_0F, is64 ? PP_66 : PP_NONE, 0, 0x2e, t, 0, at(is64 ? AREA(min64) : AREA(min32)));
	x64_xtemp_done(e, t);
	return e_jcc(&e->p, J_E);	/* equal or unordered */
}

static void emit_checked(struct x64 *e, const struct ir_ins *n, u32 test)
{
	const ir_ref operand[3] = {n->a, n->b, n->c};
	bool is64 = n->type == IR_F64, aliases = false;
	u32 count = 0, d, r;
	struct cold *c;
	u8 in[3], order[3], clean = 0, *bad;

	for (; count < 3 && operand[count]; count++)
		in[count] = (u8)x64_xmm(e, operand[count]);
	memcpy(order, in, sizeof order);
	if (n->op == IR_FSQRT || n->op == IR_FRINT || n->op == IR_FCVT) {
		clean = is64 ? 64 : 32;
	} else {
		clean = clean_of(e, n->op == IR_FMA ? n->c : n->a, n->type);
		if (!clean && (n->op == IR_FADD || n->op == IR_FMUL) && clean_of(e, n->b, n->type)) {
			clean = clean_of(e, n->b, n->type);
			order[0] = in[1];
			order[1] = in[0];
		}
	}
	for (u32 k = 0; k < count; k++)
		x64_used(e, operand[k]);
	d = x64_xdest(e);
	for (u32 k = 0; k < count; k++)
		aliases |= in[k] == d;
	/* two more registers may be wanted, of which one can be xmm3 */
	if (test == TEST_NAN_TINY && aliases && !spare_scratch(e)) {
		x64_soft_call(e, NULL, in, count, 7, d, true);
		x64_set_xmm(e, d);
		e->v[e->i].clean = is64 ? 64 : 32;
		return;
	}
	r = aliases && test != TEST_NONE ? x64_xtemp(e) : d;
	write_op(e, n, r, order);
	if (test != TEST_NONE) {
		bad = write_test(e, test, is64, r);
		c = x64_soft_call(e, bad, in, count, 7, d, true);
		if (r != d) {
			e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x28, d, 0, r);
			x64_xtemp_done(e, r);
			c->back = e->p;
		}
	}
	x64_set_xmm(e, d);
	e->v[e->i].clean = clean;
}

void x64_fp_checked(struct x64 *e)
{
	const struct ir_ins *n = &e->t->ins[e->i];
	bool rounds = n->aux == e->t->fp_rm && n->aux != FP_RMM && n->aux != FP_ROD && !e->t->fp_env;

	switch (n->op) {
	case IR_FADD: case IR_FSUB: case IR_FSQRT:
		if (rounds) {
			emit_checked(e, n, TEST_NAN);
			return;
		}
		break;
	case IR_FMUL: case IR_FDIV: case IR_FMA:
		if (rounds) {
			emit_checked(e, n, TEST_NAN_TINY);
			return;
		}
		break;
	case IR_FCVT:
		if (!e->t->fp_env && (n->type == IR_F64 || rounds)) {
			emit_checked(e, n, n->type == IR_F64 ? TEST_NAN : TEST_NAN_TINY);
			return;
		}
		break;
	case IR_FRINT:
		if (!e->t->fp_env && n->aux <= FP_RUP) {
			emit_checked(e, n, TEST_NONE);
			return;
		}
		break;
	default:
		break;
	}
	emit_soft(e, n);
}
