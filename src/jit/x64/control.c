/* Leaving a block: side exits, jumps, exits to the run loop, calls of helpers.
 *
 * A direct exit is a jump whose target is the exit's stub until the core links
 * it to the next block.  An indirect one looks the guest pc up in the vCPU's
 * jump table inline.  Exit requests are seen at KICK (before backward jumps)
 * and at indirect jumps, so any guest loop passes one.
 */
#include "jit/x64/x64.h"

/* Room so that the rel32 stays in one 64-byte line: then a patch is atomic. */
void x64_align_link(struct x64 *e, u32 ahead)
{
	static const u8 nop[4][3] = {{0}, {0x90}, {0x66, 0x90}, {0x0f, 0x1f, 0x00}};
	u64 line = (x64_rx(e, e->p) + ahead) & 63;

	if (line > 60) {
		u32 pad = (u32)(64 - line);

		memcpy(e->p, nop[pad], pad);
		e->p += pad;
	}
}

static void emit_exit_if(struct x64 *e, const struct ir_ins *n)
{
	struct value *a = x64_value(e, n->a);
	u32 cc = x64_cc(n->aux);
	i32 zero;

	x64_pend_all(e);
	if (e->flags_at == e->p && e->flags_of == a->root && n->aux <= CC_NE &&
	    x64_is_imm32(e, n->b, true, &zero) && zero == 0) {
		cc = n->aux == CC_NE ? e->flags_cc : e->flags_cc ^ 1u;
		x64_used(e, n->a);
		x64_used(e, n->b);
	} else {
		x64_compare(e, n->a, n->b);
	}
	x64_align_link(e, 2);
	x64_cold(e, COLD_EXIT, e_jcc(&e->p, cc))->target = (i32)n->imm;
}

/* Leave by the jump whose rel32 is at `from`. */
static void leave(struct x64 *e, u8 *from, const struct ir_ins *n)
{
	struct cold *c = x64_cold(e, COLD_EXIT, from);

	c->target = (i32)n->imm;
	c->aux = (u8)x64_flags_pending(e);
}

static void emit_exit_flags(struct x64 *e, const struct ir_ins *n)
{
	struct x64_cond c;
	u8 *unordered = NULL;

	x64_pend_all(e);
	c = x64_flags_cond(e, n->a, n->aux);
	e->v[n->a].left--;
	if (c.how == COND_AND_ORDERED) {
		e8(&e->p, 0x70 | J_P);
		unordered = e->p++;
	} else if (c.how == COND_OR_UNORDERED) {
		x64_align_link(e, 2);
		leave(e, e_jcc(&e->p, J_P), n);
	}
	x64_align_link(e, 2);
	leave(e, e_jcc(&e->p, c.cc), n);
	if (unordered)
		*unordered = (u8)(e->p - (unordered + 1));
}

static void emit_goto(struct x64 *e, const struct ir_ins *n)
{
	x64_pend_all(e);
	x64_align_link(e, 1);
	leave(e, e_jmp(&e->p), n);
}

static void emit_kick(struct x64 *e)
{
	struct cold *c;
	u32 s;

	x64_pend_all(e);
	if (x64_flags_live(e)) {	/* a comparison would end them: read from an address that is bad on request */
		s = x64_scratch(e);
		e_rm(&e->p, 0, 1, 0x8b, s, at(VCPU(poll)), false);
		x64_point(e, true);
		e_rm(&e->p, 0, 0, 0x8b, s, (struct mem){(u8)s, NO_REG, 0, 0}, false);
		return;
	}
	e->flags.in_host = false;
	e_alu_mi(&e->p, 0, ALU_CMP, at(VCPU(exit_request)), 0);
	c = x64_cold(e, COLD_RAISE, e_jcc(&e->p, J_NE));
	c->pc = e->pc;
	c->n = EXIT_KICK;
}

/* A jump to a known place behind an exit check of its own: unlike at KICK, the instruction is done by now. */
static bool emit_known_jump(struct x64 *e, const struct ir_ins *n)
{
	u64 target;
	i64 offset;

	if (!x64_is_const(e, n->a, &target))
		return false;
	offset = (i64)(target - e->t->start);
	if (offset != (i32)offset)
		return false;
	x64_used(e, n->a);
	e_alu_mi(&e->p, 0, ALU_CMP, at(VCPU(exit_request)), 0);
	x64_cold(e, COLD_JUMP, e_jcc(&e->p, J_NE))->pc = target;
	x64_align_link(e, 1);
	x64_cold(e, COLD_EXIT, e_jmp(&e->p))->target = (i32)offset;
	return true;
}

static void emit_jump(struct x64 *e, const struct ir_ins *n)
{
	struct mem entry = {RBP, RCX, (u8)(4 - x64_homes.jump_shift), AREA(jump)};	/* of 16 bytes */

	x64_pend_all(e);
	if (emit_known_jump(e, n))
		return;
	if (x64_value(e, n->a)->place != P_GPR || x64_value(e, n->a)->reg != RAX)
		x64_take(e, RAX);
	x64_gpr_to(e, n->a, RAX);
	x64_used(e, n->a);
	e_alu_mi(&e->p, 0, ALU_CMP, at(VCPU(exit_request)), 0);
	x64_rel(e, e_jcc(&e->p, J_NE), x64_stubs.jump_miss);
	e_rr(&e->p, 0, 0, 0x8b, RCX, RAX, false);
	e_alu_ri(&e->p, 0, ALU_AND, RCX, (JUMP_ENTRIES - 1) << x64_homes.jump_shift);
	e_rm(&e->p, 0, 1, 0x3b, RAX, entry, false);
	x64_rel(e, e_jcc(&e->p, J_NE), x64_stubs.jump_miss);
	entry.disp += 8;
	e_rm(&e->p, 0, 0, 0xff, 4, entry, false);
}

static void emit_raise(struct x64 *e, const struct ir_ins *n)
{
	struct cold *c;

	x64_pend_all(e);
	c = x64_cold(e, COLD_RAISE, e_jmp(&e->p));
	c->pc = e->t->start + (u64)(i64)(i32)n->imm;
	c->n = n->aux;
}

static void emit_call(struct x64 *e, const struct ir_ins *n)
{
	const struct ir_helper *h = ir_helper(n->imm);
	const ir_ref arg[3] = {n->a, n->b, n->c};
	u32 d;

	x64_pend_all(e);
	for (u32 k = 0; k < 3; k++) {
		if (!arg[k])
			continue;
		e->busy = 0;
		e_rm(&e->p, 0, 1, 0x89, x64_gpr(e, arg[k]), at(AREA(arg) + (i32)k * 8), false);
		x64_used(e, arg[k]);
	}
	x64_empty_scratch(e, h->flags & HELPER_WRITES);
	e_mov_ri(&e->p, RAX, e->pc);
	e_rm(&e->p, 0, 1, 0x89, RAX, at(VCPU(pc)), false);
	e_rm(&e->p, 0, 0, 0xc7, 0, at(AREA(call)), false);
	e32(&e->p, n->imm);
	x64_rel(e, e_call(&e->p), x64_stubs.call);
	if (n->type == IR_NONE)
		return;
	d = x64_dest(e, true);
	e_rm(&e->p, 0, 1, 0x8b, d, at(AREA(ret)), false);
	x64_set_gpr(e, d);
}

void x64_control(struct x64 *e)
{
	const struct ir_ins *n = &e->t->ins[e->i];

	switch (n->op) {
	case IR_EXIT_IF: emit_exit_if(e, n); break;
	case IR_EXIT_FLAGS: emit_exit_flags(e, n); break;
	case IR_GOTO: emit_goto(e, n); break;
	case IR_KICK: emit_kick(e); break;
	case IR_JUMP: emit_jump(e, n); break;
	case IR_RAISE: emit_raise(e, n); break;
	case IR_CALL: emit_call(e, n); break;
	default: assert(!"a control operation");
	}
}
