/* Narrowing: 64-bit guests compute 32-bit values with an extension after every
 * step (RISC-V's W instructions, and its rotates by two shifts and an or).
 * Where only low halves are asked for, the extensions go and the steps between
 * become 32-bit operations.
 *
 * A backward walk finds the values whose upper half somebody needs; a forward
 * walk rewrites the others.  Works in place, allocates nothing.
 * Thread: the one that owns t.
 */
#include "ir/ir.h"

/* Operations whose low half depends on their operands' low halves only. */
static bool carries_low(const struct ir *t, const struct ir_ins *n)
{
	u64 count;

	switch (n->op) {
	case IR_ADD: case IR_SUB: case IR_MUL: case IR_AND: case IR_OR: case IR_XOR: case IR_ANDN:
	case IR_NEG: case IR_NOT:
		return true;
	case IR_SHL:
		return ir_is_const(t, n->b, &count) && count < 32;
	default:
		return false;
	}
}

static void mark(bool *wide, const struct ir_ins *n)
{
	wide[n->a] = wide[n->b] = wide[n->c] = true;
}

/* wide[i]: somebody needs more than the low 32 bits of value i. */
static void find_wide(const struct ir *t, bool *wide)
{
	memset(wide, 0, t->n);
	for (u32 i = t->n - 1; i > 0; i--) {
		const struct ir_ins *n = &t->ins[i];

		switch (n->op) {
		case IR_NOP: case IR_TRUNC: case IR_SEXT: case IR_ZEXT:
			break;	/* at most the low half of what they name */
		case IR_ST:
			wide[n->a] = wide[n->b] = true;
			if ((n->aux & MEM_SIZE) == MEM_64)
				wide[n->c] = true;
			break;
		default:
			if (n->type != IR_I64 || wide[i] || !carries_low(t, n))
				mark(wide, n);
		}
	}
}

static ir_ref through_trunc(const struct ir *t, ir_ref r)
{
	while (t->ins[r].op == IR_TRUNC)
		r = t->ins[r].a;
	return r;
}

/* x >> n | x << (width - n) */
static bool make_rotate(struct ir *t, struct ir_ins *n)
{
	ir_ref ra = through_trunc(t, n->a), rb = through_trunc(t, n->b);
	const struct ir_ins *right = &t->ins[ra], *left = &t->ins[rb];
	u64 down, up, width = n->type == IR_I32 ? 32 : 64;

	if (right->op == IR_SHL) {
		const struct ir_ins *swap = right;

		right = left;
		left = swap;
	}
	if (right->op != IR_SHR || left->op != IR_SHL || right->type != n->type || left->type != n->type)
		return false;
	if (through_trunc(t, right->a) != through_trunc(t, left->a))
		return false;
	if (!ir_is_const(t, right->b, &down) || !ir_is_const(t, left->b, &up) || !down || down + up != width)
		return false;
	*n = (struct ir_ins){ .op = IR_ROR, .type = n->type, .a = right->a, .b = right->b };
	return true;
}

void ir_narrow(struct ir *t)
{
	bool wide[IR_INS_MAX], rotates = false;

	find_wide(t, wide);
	for (u32 i = 1; i < t->n; i++) {
		struct ir_ins *n = &t->ins[i];

		if (n->type == IR_I64 && !wide[i]) {
			if (carries_low(t, n)) {
				n->type = IR_I32;
			} else if ((n->op == IR_SEXT || n->op == IR_ZEXT) && n->aux == 32) {
				n->op = IR_TRUNC;
				n->type = IR_I32;
				n->aux = 0;
			}
		}
		if (n->op == IR_OR || n->op == IR_XOR || n->op == IR_ADD)
			rotates |= make_rotate(t, n);
	}
	if (rotates)
		ir_count_uses(t);	/* the shifts may be dead now */
}
