/* The builder's functions for condition flags (ir.h).
 *
 * FLAGS values are made by FL operations and read by branches, selections and
 * carries; the target keeps the current one in a slot of type FLAGS.  A PUT of
 * such a slot is dropped when another follows with no exit between.  Loads and
 * stores do not keep it alive if nothing reads the flags after them: should one
 * fault, nobody looks at what these flags were (docs/decisions/flags.md).
 * One thread owns a struct ir.
 */
#include "ir/build.h"

static enum ir_type type_of(const struct ir *t, ir_ref r)
{
	debug_assert(r && r < t->n);
	return t->ins[r].type;
}

static void check_ints(const struct ir *t, ir_ref a, ir_ref b)
{
	assert(type_of(t, a) == type_of(t, b) && (type_of(t, a) == IR_I32 || type_of(t, a) == IR_I64));
}

ir_ref ir_flags_of(struct ir *t, enum ir_op op, ir_ref a, ir_ref b)
{
	check_ints(t, a, b);
	return ir_emit(t, (struct ir_ins){ .op = (u8)op, .type = IR_FLAGS, .a = a, .b = b });
}

ir_ref ir_flags_carry(struct ir *t, enum ir_op op, ir_ref a, ir_ref b, ir_ref flags)
{
	check_ints(t, a, b);
	assert(type_of(t, flags) == IR_FLAGS);
	ir_flags_read(t);
	return ir_emit(t, (struct ir_ins){ .op = (u8)op, .type = IR_FLAGS, .a = a, .b = b, .c = flags });
}

ir_ref ir_adc(struct ir *t, enum ir_op op, ir_ref a, ir_ref b, ir_ref flags)
{
	check_ints(t, a, b);
	assert(type_of(t, flags) == IR_FLAGS);
	ir_flags_read(t);
	return ir_emit(t, (struct ir_ins){
		.op = (u8)op, .type = (u8)type_of(t, a), .a = a, .b = b, .c = flags });
}

ir_ref ir_ccmp(struct ir *t, enum ir_fcc cc, ir_ref flags, ir_ref a, ir_ref b, u32 nzcv, bool add)
{
	check_ints(t, a, b);
	assert(type_of(t, flags) == IR_FLAGS && nzcv < 16);
	ir_flags_read(t);
	if (cc >= FCC_AL)
		return ir_flags_of(t, add ? IR_FLADD : IR_FLSUB, a, b);
	return ir_emit(t, (struct ir_ins){ .op = IR_FLCCMP, .type = IR_FLAGS, .aux = (u8)cc,
					   .d = (u8)(nzcv | (add ? CCMP_ADD : 0)), .a = a, .b = b, .c = flags });
}

ir_ref ir_flags_fcmp(struct ir *t, ir_ref a, ir_ref b, bool quiet)
{
	enum ir_type type = type_of(t, a);

	assert(type == type_of(t, b) && (type == IR_F32 || type == IR_F64));
	return ir_emit(t, (struct ir_ins){
		.op = IR_FLFCMP, .type = IR_FLAGS, .d = quiet ? FCMP_QUIET : 0, .a = a, .b = b });
}

ir_ref ir_flags_set(struct ir *t, ir_ref nzcv)
{
	assert(type_of(t, nzcv) == IR_I64);
	return ir_emit(t, (struct ir_ins){ .op = IR_FLSET, .type = IR_FLAGS, .a = nzcv });
}

ir_ref ir_flags_get(struct ir *t, ir_ref flags)
{
	assert(type_of(t, flags) == IR_FLAGS);
	ir_flags_read(t);
	return ir_emit(t, (struct ir_ins){ .op = IR_FLGET, .type = IR_I64, .a = flags });
}

ir_ref ir_setf(struct ir *t, enum ir_fcc cc, ir_ref flags)
{
	assert(type_of(t, flags) == IR_FLAGS);
	ir_flags_read(t);
	if (cc >= FCC_AL)
		return ir_imm(t, 1);
	return ir_emit(t, (struct ir_ins){ .op = IR_SETF, .type = IR_I64, .aux = (u8)cc, .a = flags });
}

ir_ref ir_self(struct ir *t, enum ir_fcc cc, ir_ref flags, ir_ref a, ir_ref b)
{
	enum ir_type type = type_of(t, a);

	assert(type_of(t, flags) == IR_FLAGS && type == type_of(t, b) && type != IR_FLAGS && type != IR_V128);
	ir_flags_read(t);
	if (cc >= FCC_AL || a == b)
		return a;
	return ir_emit(t, (struct ir_ins){
		.op = IR_SELF, .type = (u8)type, .aux = (u8)cc, .a = flags, .b = a, .c = b });
}

void ir_branch_flags(struct ir *t, enum ir_fcc cc, ir_ref flags, u64 target)
{
	i64 offset = (i64)(target - t->start);

	assert(type_of(t, flags) == IR_FLAGS);
	ir_flags_read(t);
	if (cc >= FCC_AL) {
		ir_goto(t, target);
		return;
	}
	if (offset != (i32)offset) {
		ir_emit(t, (struct ir_ins){ .op = IR_EXIT_FLAGS, .aux = (u8)(cc ^ 1), .a = flags,
					    .imm = (u32)(t->next_pc - t->start) });
		ir_goto(t, target);
		return;
	}
	ir_kick_if_backward(t, target);
	ir_emit(t, (struct ir_ins){ .op = IR_EXIT_FLAGS, .aux = (u8)cc, .a = flags, .imm = (u32)offset });
	t->side_exits++;
}
