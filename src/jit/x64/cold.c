/* Slow paths: jumped to from the hot code, written to the cold span when the
 * block is done.  Also fault points, and calls of C from hot code.
 */
#include "jit/x64/x64.h"

u64 x64_rx(struct x64 *e, const u8 *rw)
{
	const struct jit_span *hot = &e->code->hot, *cold = &e->code->cold;

	if (rw >= hot->rw && rw <= hot->rw + hot->cap)
		return hot->rx + (u64)(rw - hot->rw);
	return cold->rx + (u64)(rw - cold->rw);
}

void x64_rel(struct x64 *e, u8 *rel32, u64 target)
{
	i32 rel = (i32)(target - (x64_rx(e, rel32) + 4));

	memcpy(rel32, &rel, 4);
}

struct cold *x64_cold(struct x64 *e, enum cold_kind kind, u8 *from)
{
	struct cold *c;

	if (e->cold_count == COLD_MAX) {
		e->failed = true;
		e->cold_count--;
	}
	c = &e->cold[e->cold_count++];
	*c = (struct cold){.kind = (u8)kind, .from = from, .back = e->p, .pc = e->pc};
	return c;
}

static u16 pend_number(struct x64 *e, bool kick)
{
	struct jit_code *code = e->code;
	struct jit_pend now;

	x64_pend_now(e, &now);
	now.flags = (u8)x64_flags_pending(e);
	now.kick = kick;
	if (!now.f64 && !now.f32 && !now.flags && !kick)
		return 0;
	if (code->pend_count) {
		struct jit_pend *last = &code->pends[code->pend_count - 1];

		if (last->f64 == now.f64 && last->f32 == now.f32 && last->flags == now.flags && last->kick == kick)
			return (u16)code->pend_count;
	}
	if (code->pend_count == JIT_PENDS_MAX) {
		e->failed = true;
		return 0;
	}
	code->pends[code->pend_count++] = now;
	return (u16)code->pend_count;
}

void x64_point(struct x64 *e, bool kick)
{
	struct jit_code *code = e->code;
	struct jit_point *last = code->point_count ? &code->points[code->point_count - 1] : NULL;
	struct jit_point now = {(u32)(e->p - e->hot_start), (u16)((e->pc - e->t->start) / 2), pend_number(e, kick)};

	if (last && last->guest == now.guest && last->pend == now.pend)
		return;
	if (code->point_count == JIT_POINTS_MAX) {
		e->failed = true;
		return;
	}
	code->points[code->point_count++] = now;
}

/* Operands to the area, the operation, the call, the result back: at e->p. */
static void write_call(struct x64 *e, const struct cold *c)
{
	for (u32 k = 0; k < c->n; k++) {
		struct mem arg = at(AREA(arg) + (i32)k * 8);

		if (c->in_xmm & 1u << k)
			e_vrm(&e->p, MAP_0F, PP_F2, 0, 0x11, c->in[k], 0, arg);
		else if (c->in[k] != NO_REG)	/* else it is there */
			e_rm(&e->p, 0, 1, 0x89, c->in[k], arg, false);
	}
	e_rm(&e->p, 0, 0, 0xc7, 0, at(AREA(soft)), false);
	e32(&e->p, c->op | (u32)c->type << 8 | (u32)c->aux << 16 | (u32)c->d << 24);
	e_rm(&e->p, 0, 0, 0xc7, 0, at(AREA(soft_type)), false);
	e32(&e->p, (u32)c->target);
	if ((i64)c->pc == (i32)c->pc) {
		e_rm(&e->p, 0, 1, 0xc7, 0, at(VCPU(pc)), false);
		e32(&e->p, (u32)c->pc);
	} else {	/* in two halves: no register is free here */
		e_rm(&e->p, 0, 0, 0xc7, 0, at(VCPU(pc)), false);
		e32(&e->p, (u32)c->pc);
		e_rm(&e->p, 0, 0, 0xc7, 0, at(VCPU(pc) + 4), false);
		e32(&e->p, (u32)(c->pc >> 32));
	}
	e_rm(&e->p, 0, 0, 0xc7, 0, at(AREA(call)), false);
	e32(&e->p, CALL_SOFT);
	x64_rel(e, e_call(&e->p), x64_stubs.call);
	if (c->reg2)
		e_vrm(&e->p, MAP_0F, PP_F2, 0, 0x10, c->reg, 0, at(AREA(ret)));
	else
		e_rm(&e->p, 0, 1, 0x8b, c->reg, at(AREA(ret)), false);
}

struct cold *x64_soft_call(struct x64 *e, u8 *from, const u8 *in, u32 n, u32 in_xmm, u32 reg, bool reg_xmm)
{
	const struct ir_ins *op = &e->t->ins[e->i];
	struct cold *c = x64_cold(e, COLD_CALL, from);

	c->n = (u8)n;
	memcpy(c->in, in, n);
	c->in_xmm = (u8)in_xmm;
	c->reg = (u8)reg;
	c->reg2 = reg_xmm;
	c->op = op->op;
	c->type = op->type;
	c->aux = op->aux;
	c->d = op->d;
	c->target = e->t->ins[op->a].type;
	if (!from) {
		write_call(e, c);
		e->cold_count--;
	}
	return c;
}

static void write_exit(struct x64 *e, struct cold *c)
{
	struct jit_code *code = e->code;
	struct jit_link_out *link;
	u8 *site;

	if (code->link_count == JIT_LINKS_MAX) {
		e->failed = true;
		return;
	}
	link = &code->links[code->link_count++];
	*link = (struct jit_link_out){.site = x64_rx(e, c->from), .stub = x64_rx(e, e->p), .target = c->target};
	if (c->aux) {
		x64_flags_store(e, c->aux);
		x64_align_link(e, 1);
		site = e_jmp(&e->p);
		x64_rel(e, site, x64_rx(e, e->p));
		link->flags_site = x64_rx(e, site);
		link->flags_stub = x64_rx(e, e->p);
	}
	x64_rel(e, e_call(&e->p), x64_stubs.link);
}

static void write_raise(struct x64 *e, const struct cold *c)
{
	struct jit_code *code = e->code;
	u64 guest = c->pc - e->t->start;

	if (guest >= 0x20000 || code->point_count == JIT_POINTS_MAX) {
		e->failed = true;
		return;
	}
	code->points[code->point_count++] =
		(struct jit_point){code->hot.len + (u32)(e->p - code->cold.rw), (u16)(guest / 2), 0};
	e_mov_ri(&e->p, RAX, c->n);
	x64_rel(e, e_call(&e->p), x64_stubs.raise);
}

/* Replace NaNs among these registers by the canonical one. */
static void write_nan(struct x64 *e, const struct cold *c)
{
	for (u32 single = 0; single < 2; single++)
		for (u32 mask = c->fixed[single]; mask; mask &= mask - 1) {
			u32 reg = (u32)__builtin_ctz(mask);
			u8 *ordered;

			e_vrr(&e->p, MAP_0F, single ? PP_NONE : PP_66, 0, 0x2e, reg, 0, reg);
			e8(&e->p, 0x7b);	/* jnp over the move */
			ordered = e->p++;
			e_vrm(&e->p, MAP_0F, PP_F2, 0, 0x10, reg, 0, at(single ? AREA(nan32) : AREA(nan64)));
			*ordered = (u8)(e->p - (ordered + 1));
		}
}

void x64_cold_write(struct x64 *e)
{
	for (u32 k = 0; k < e->cold_count; k++) {
		struct cold *c = &e->cold[k];

		x64_rel(e, c->from, x64_rx(e, e->p));
		if (c->from2)
			x64_rel(e, c->from2, x64_rx(e, e->p));
		switch ((enum cold_kind)c->kind) {
		case COLD_EXIT:
			write_exit(e, c);
			continue;
		case COLD_RAISE:
			write_raise(e, c);
			continue;
		case COLD_NAN:
			write_nan(e, c);
			break;
		case COLD_CALL:
			write_call(e, c);
			break;
		case COLD_VECTOR:
			x64_vector_call(e, c);
			break;
		case COLD_LOAD32:
			e_vrm(&e->p, MAP_0F, PP_F2, 0, 0x10, c->reg, 0, at(AREA(nan32)));
			break;
		case COLD_SILENT: /* a comparison with a NaN that may leave no flag: false; host
				     flags say so too */
			e_rm(&e->p, 0, 0, 0x0fae, 2, at(AREA(tmp)), false);
			e_mov_ri(&e->p, c->reg, 0);
			break;
		case COLD_JUMP:
			e_mov_ri(&e->p, RAX, c->pc);
			x64_rel(e, e_jmp(&e->p), x64_stubs.jump_miss);
			continue;
		}
		x64_rel(e, e_jmp(&e->p), x64_rx(e, c->back));
	}
}
