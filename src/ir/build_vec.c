/* The builder's functions for vectors (ir.h): one a shape of operation, which
 * check types and lanes.  Folded are only moves that say the same twice.
 * One thread owns a struct ir.
 */
#include "ir/build.h"

/* Bounds of the section; absent while no object has a vector helper. */
extern const struct ir_vhelper __start_mimus_vhelpers[] __attribute__((weak));
extern const struct ir_vhelper __stop_mimus_vhelpers[] __attribute__((weak));

const struct ir_vhelper *ir_vhelper(u32 number)
{
	size_t count = (size_t)(__stop_mimus_vhelpers - __start_mimus_vhelpers);

	return number < count ? &__start_mimus_vhelpers[number] : NULL;
}

static enum ir_type type_of(const struct ir *t, ir_ref r)
{
	debug_assert(r && r < t->n);
	return t->ins[r].type;
}

static bool is_scalar(enum ir_type type)
{
	return type >= IR_I32 && type <= IR_F64;
}

static ir_ref emit(struct ir *t, struct ir_ins i)
{
	assert(!i.a || type_of(t, i.a) == IR_V128);
	i.type = IR_V128;
	return ir_emit(t, i);
}

ir_ref ir_vzext(struct ir *t, ir_ref scalar)
{
	assert(is_scalar(type_of(t, scalar)));
	return ir_emit(t, (struct ir_ins){ .op = IR_VZEXT, .type = IR_V128, .a = scalar });
}

ir_ref ir_vlow(struct ir *t, enum ir_type type, ir_ref a)
{
	const struct ir_ins *in = ir_at(t, a);

	assert(is_scalar(type) && in->type == IR_V128);
	if (in->op == IR_VZEXT && type_of(t, in->a) == type && ir_may_read(t, a, in->a))
		return in->a;
	return ir_emit(t, (struct ir_ins){ .op = IR_VLOW, .type = (u8)type, .a = a });
}

ir_ref ir_vdup(struct ir *t, u32 lane, ir_ref scalar)
{
	assert(lane <= LANE_64 && is_scalar(type_of(t, scalar)));
	return ir_emit(t, (struct ir_ins){ .op = IR_VDUP, .type = IR_V128, .aux = (u8)lane, .a = scalar });
}

ir_ref ir_vget(struct ir *t, u32 lane, ir_ref a, u32 index, bool is_signed)
{
	assert(lane <= LANE_64 && index < 16u >> lane && type_of(t, a) == IR_V128);
	return ir_emit(t, (struct ir_ins){ .op = IR_VGET, .type = IR_I64,
					   .aux = (u8)(lane | (is_signed ? MEM_SIGNED : 0)), .d = (u8)index, .a = a });
}

ir_ref ir_vset(struct ir *t, u32 lane, ir_ref a, u32 index, ir_ref scalar)
{
	assert(lane <= LANE_64 && index < 16u >> lane && is_scalar(type_of(t, scalar)));
	return emit(t, (struct ir_ins){ .op = IR_VSET, .aux = (u8)lane, .d = (u8)index, .a = a, .b = scalar });
}

ir_ref ir_vins(struct ir *t, u32 lane, ir_ref a, u32 index, ir_ref b, u32 index_b)
{
	assert(lane <= LANE_64 && index < 16u >> lane && index_b < 16u >> lane && type_of(t, b) == IR_V128);
	return emit(t, (struct ir_ins){
		.op = IR_VINS, .aux = (u8)lane, .d = (u8)index, .a = a, .b = b, .imm = index_b });
}

ir_ref ir_vun(struct ir *t, enum ir_op op, u32 lane, ir_ref a, u32 d)
{
	assert(lane <= LANE_64);
	return emit(t, (struct ir_ins){ .op = (u8)op, .aux = (u8)lane, .d = (u8)d, .a = a });
}

ir_ref ir_vbin(struct ir *t, enum ir_op op, u32 lane, ir_ref a, ir_ref b, u32 d)
{
	assert(lane <= LANE_64 && type_of(t, b) == IR_V128);
	if (a == b && (op == IR_VAND || op == IR_VOR))
		return a;
	return emit(t, (struct ir_ins){ .op = (u8)op, .aux = (u8)lane, .d = (u8)d, .a = a, .b = b });
}

ir_ref ir_vbsl(struct ir *t, ir_ref mask, ir_ref a, ir_ref b)
{
	assert(type_of(t, a) == IR_V128 && type_of(t, b) == IR_V128);
	return emit(t, (struct ir_ins){ .op = IR_VBSL, .a = mask, .b = a, .c = b });
}

ir_ref ir_vfp(struct ir *t, enum ir_op op, u32 lane, ir_ref a, ir_ref b, ir_ref c, u32 rm, u32 d)
{
	assert((lane == LANE_32 || lane == LANE_64) && op >= IR_VFADD && op <= IR_VFTOI);
	return emit(t, (struct ir_ins){
		.op = (u8)op, .aux = (u8)lane, .d = (u8)d, .a = a, .b = b, .c = c, .imm = rm });
}

ir_ref ir_vcall(struct ir *t, const struct ir_vhelper *h, ir_ref a, ir_ref b, ir_ref c, u32 imm)
{
	assert(h >= __start_mimus_vhelpers && h < __stop_mimus_vhelpers && imm <= 0xffff);
	return emit(t, (struct ir_ins){ .op = IR_VCALL, .a = a, .b = b, .c = c,
					.imm = (u32)(h - __start_mimus_vhelpers) | imm << 16 });
}
