/* Backward pass over a finished block: uses, dead code; and narrowing.
 *
 * Narrowing: 64-bit guests compute 32-bit values with an extension after every
 * step (RISC-V's W instructions, and its rotates by two shifts and an or).
 * Where only low halves are asked for, the extensions go and the steps between
 * become 32-bit operations.
 *
 * The backward walk finds the values whose upper half somebody needs; a forward
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

/* Reading the flags is ordered but changes nothing. */
static bool is_removable(const struct ir_ins *i)
{
	return !ir_opinfo[i->op].flags || i->op == IR_FFLAGS_GET;
}

/* Which operands of n must be whole: bit 0 for a, 1 for b, 2 for c. */
static u32 whole_operands(const struct ir *t, const struct ir_ins *n)
{
	switch (n->op) {
	case IR_TRUNC: case IR_SEXT: case IR_ZEXT:
		return 0;	/* at most the low half of what they name */
	case IR_ST:
		return (n->aux & MEM_SIZE) == MEM_64 ? 7 : 3;
	default:
		return n->type == IR_I64 && !n->wide && carries_low(t, n) ? 0 : 7;
	}
}

static void use(struct ir *t, ir_ref r, bool whole)
{
	t->ins[r].uses++;
	t->ins[r].wide |= whole;
}

void ir_count_uses(struct ir *t)
{
	for (u32 i = 0; i < t->n; i++)
		t->ins[i].uses = t->ins[i].wide = 0;
	for (u32 i = t->n - 1; i > 0; i--) {
		struct ir_ins *n = &t->ins[i];
		u32 whole;

		if (n->op == IR_NOP)
			continue;
		if (!n->uses && is_removable(n)) {
			*n = (struct ir_ins){ .op = IR_NOP };
			continue;
		}
		if (!(n->a | n->b | n->c))
			continue;
		whole = whole_operands(t, n);
		if (n->a)	/* a call may lack its first alone */
			use(t, n->a, whole & 1);
		if (n->b)
			use(t, n->b, whole & 2);
		if (n->c)
			use(t, n->c, whole & 4);
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
	bool rotates = false;

	for (u32 i = 1; i < t->n; i++) {
		struct ir_ins *n = &t->ins[i];

		if (n->type == IR_I64 && !n->wide) {
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
