/* Where values are while a block is emitted: homes, scratch registers, slots
 * in struct vcpu and spill slots in the area.
 *
 * gpr[] and xmm[] name the value in each host register; for a home that is the
 * guest register's value, live or not.  A value that is still needed when its
 * register is to be overwritten moves: to another home that holds it too, to
 * memory that holds it already, to a free scratch register, or to a spill slot.
 * Values that memory holds are loaded at their use.
 */
#include "jit/x64/x64.h"

static ir_ref root_of(struct x64 *e, ir_ref r)
{
	return e->v[r].root;
}

static u32 spill_slot(struct x64 *e)
{
	for (u32 k = 0; k < SPILLS; k++)
		if (!(e->spills_used & 1u << k)) {
			e->spills_used |= 1u << k;
			return k;
		}
	e->failed = true;
	return 0;
}

bool x64_is_vector(const struct x64 *e, const struct value *v)
{
	return e->t->ins[v->root].type == IR_V128;
}

/* Between a vector register and memory, all of the value. */
static void move_xmm(struct x64 *e, const struct value *v, u32 reg, struct mem m, bool store)
{
	e_vrm(&e->p, MAP_0F, x64_is_vector(e, v) ? PP_NONE : PP_F2, 0, store ? 0x11 : 0x10, reg, 0, m);
}

static void to_spill(struct x64 *e, struct value *v)
{
	u32 k = spill_slot(e);
	i32 disp = AREA(spill) + (i32)k * 16;

	if (v->place == P_GPR)
		e_rm(&e->p, 0, 1, 0x89, v->reg, at(disp), false);
	else
		move_xmm(e, v, v->reg, at(disp), true);
	v->place = P_MEM;
	v->backed = true;
	v->spill = (u8)(k + 1);
	v->disp = disp;
}

/* Value r, in that register, is still needed. */
static void move_gpr(struct x64 *e, ir_ref r, u32 reg)
{
	struct value *v = &e->v[r];

	for (u32 h = 0; h < 16; h++)
		if (e->gpr[h] == r) {
			v->reg = (u8)h;
			return;
		}
	if (v->backed) {
		v->place = P_MEM;
		return;
	}
	if (!(GPR_SCRATCH & 1 << reg))
		for (u32 s = RAX; s <= RCX; s++)
			if (!e->gpr[s] && !(e->busy & 1u << s)) {
				e_mov_rr(&e->p, s, reg);
				e->gpr[s] = r;
				v->reg = (u8)s;
				return;
			}
	to_spill(e, v);
}

/* The register is about to be overwritten: keep its value if it is still needed. */
static inline void evict_gpr(struct x64 *e, u32 reg)
{
	ir_ref r = e->gpr[reg];
	const struct value *v = &e->v[r];

	e->gpr[reg] = 0;
	if (r && v->left && v->place == P_GPR && v->reg == reg)
		move_gpr(e, r, reg);
}

static void evict_xmm(struct x64 *e, u32 reg)
{
	ir_ref r = e->xmm[reg];
	struct value *v = &e->v[r];

	e->xmm[reg] = 0;
	if (!r || !v->left || v->place != P_XMM || v->reg != reg)
		return;
	x64_pend_flush(e, 1u << reg);
	for (u32 h = 0; h < 16; h++)
		if (e->xmm[h] == r) {
			v->reg = (u8)h;
			return;
		}
	if (v->backed) {
		v->place = P_MEM;
		return;
	}
	if (reg >= XMM_FIRST_HOME)
		for (u32 s = 0; s < XMM_BOX; s++)
			if (!e->xmm[s] && !(e->busy_xmm & 1u << s)) {
				e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x28, s, 0, reg);
				e->xmm[s] = r;
				v->reg = (u8)s;
				return;
			}
	to_spill(e, v);
}

static u32 pick_scratch(struct x64 *e, u32 unusable)
{
	u32 pick = NO_REG;

	for (u32 s = RAX; s <= RCX; s++)
		if (!(unusable & 1u << s) && (pick == NO_REG || (e->gpr[pick] && !e->gpr[s])))
			pick = s;
	assert(pick != NO_REG);
	evict_gpr(e, pick);
	e->busy |= 1u << pick;
	return pick;
}

u32 x64_scratch(struct x64 *e)
{
	return pick_scratch(e, e->busy);
}

void x64_take(struct x64 *e, u32 reg)
{
	assert(!(e->busy & 1u << reg));
	e->busy |= 1u << reg;
	evict_gpr(e, reg);
}

static u32 pick_xscratch(struct x64 *e, u32 unusable)
{
	u32 pick = NO_REG;

	for (u32 s = 0; s < XMM_BOX; s++)
		if (!(unusable & 1u << s) && (pick == NO_REG || (e->xmm[pick] && !e->xmm[s])))
			pick = s;
	assert(pick != NO_REG);
	evict_xmm(e, pick);
	e->busy_xmm |= 1u << pick;
	return pick;
}

u32 x64_xscratch(struct x64 *e)
{
	return pick_xscratch(e, e->busy_xmm);
}

/* Copy a value into reg, whatever its place; reg's old value is the caller's business. */
static void copy_gpr(struct x64 *e, struct value *v, u32 reg)
{
	switch ((enum place)v->place) {
	case P_GPR:
		e_mov_rr(&e->p, reg, v->reg);
		break;
	case P_XMM:
		x64_pend_flush(e, 1u << v->reg);
		e_vrr(&e->p, MAP_0F, PP_66, 1, 0x7e, v->reg, 0, reg);
		break;
	case P_MEM:
		e_rm(&e->p, 0, 1, 0x8b, reg, at(v->disp), false);
		break;
	case P_CONST:
		e_mov_ri(&e->p, reg, e->t->konst[e->t->ins[v->root].imm]);
		break;
	case P_NONE:
		assert(!"value has a place");
	}
}

static void copy_xmm(struct x64 *e, struct value *v, u32 reg)
{
	u64 k;

	switch ((enum place)v->place) {
	case P_XMM:
		if (v->reg != reg) {
			x64_pend_flush(e, 1u << v->reg);
			e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x28, reg, 0, v->reg);
		}
		break;
	case P_GPR:
		e_vrr(&e->p, MAP_0F, PP_66, 1, 0x6e, reg, 0, v->reg);
		break;
	case P_MEM:
		move_xmm(e, v, reg, at(v->disp), false);
		break;
	case P_CONST:
		k = e->t->konst[e->t->ins[v->root].imm];
		if (!k) {
			e_vrr(&e->p, MAP_0F, PP_NONE, 0, 0x57, reg, reg, reg);
		} else {
			u32 s = x64_scratch(e);

			e_mov_ri(&e->p, s, k);
			e_vrr(&e->p, MAP_0F, PP_66, 1, 0x6e, reg, 0, s);
			e->busy &= ~(1u << s);
		}
		break;
	case P_NONE:
		assert(!"value has a place");
	}
}

u32 x64_load_gpr(struct x64 *e, ir_ref r)
{
	struct value *v = x64_value(e, r);
	ir_ref root = v->root;
	u32 s;

	for (u32 h = 0; v->place == P_CONST && h < 16; h++)
		if (e->gpr[h] == root) {
			e->busy |= 1u << h;
			return h;
		}
	s = x64_scratch(e);
	copy_gpr(e, v, s);
	if (v->place == P_MEM && v->left > 1 && !x64_is_vector(e, v)) {
		v->place = P_GPR;
		v->reg = (u8)s;
		e->gpr[s] = root;
	}
	return s;
}

void x64_gpr_to(struct x64 *e, ir_ref r, u32 reg)
{
	copy_gpr(e, x64_value(e, r), reg);
}

u32 x64_xmm(struct x64 *e, ir_ref r)
{
	struct value *v = x64_value(e, r);
	u32 s;

	if (v->place == P_XMM) {
		e->busy_xmm |= 1u << v->reg;
		return v->reg;
	}
	s = x64_xscratch(e);
	copy_xmm(e, v, s);
	if (v->place == P_MEM && v->left > 1) {
		v->place = P_XMM;
		v->reg = (u8)s;
		e->xmm[s] = v->root;
	}
	return s;
}

void x64_xmm_to(struct x64 *e, ir_ref r, u32 reg)
{
	copy_xmm(e, x64_value(e, r), reg);
}

void x64_let_go(struct x64 *e, struct value *v)
{
	if (v->place == P_GPR && v->reg <= RCX && e->gpr[v->reg] == v->root)
		e->gpr[v->reg] = 0;
	if (v->place == P_XMM && XMM_SCRATCH & 1 << v->reg && e->xmm[v->reg] == v->root)
		e->xmm[v->reg] = 0;
	if (v->spill) {
		e->spills_dead |= 1u << (v->spill - 1);	/* this operation may yet read it */
		v->spill = 0;
	}
}

/* The slot that value i goes to when nothing but unary operations on it comes before its PUT; 0 = none. */
static u32 put_ahead(struct x64 *e, u32 i)
{
	const struct ir *t = e->t;
	const struct ir_ins *next = &t->ins[i + 1];

	if (next->a == i && (next->op == IR_PUT || (next->op == IR_NOP && next->imm)))	/* as most do */
		return next->imm;
	for (u32 k = i + 1; k < t->n; k++) {
		const struct ir_ins *n = &t->ins[k];

		if (n->op == IR_NOP && n->imm && n->a == i)
			return n->imm;	/* dropped: nobody looks at the slot until its next PUT, so the home is ours */
		if (n->op == IR_NOP || n->op == IR_CONST || (n->op >= IR_FLADD && n->op <= IR_FLAND))
			continue;
		if (n->a != i)
			return 0;
		if (n->op == IR_PUT)
			return n->imm;
		if (t->ins[i].uses != 1)
			return 0;
		switch (n->op) {
		case IR_SEXT: case IR_ZEXT: case IR_BOX: case IR_TRUNC: case IR_NEG: case IR_NOT: case IR_VZEXT:
			i = k;
			break;
		default:
			return 0;
		}
	}
	return 0;
}

u32 x64_dest(struct x64 *e, bool may_alias)
{
	u32 home = x64_homes.gpr_of_slot[put_ahead(e, e->i)];

	if (home != SLOT_NO_HOME && (may_alias || !(e->busy & 1u << home))) {
		evict_gpr(e, home);
		return home;
	}
	if (!may_alias)
		return x64_scratch(e);
	for (u32 s = RAX; s <= RCX; s++)
		if (!e->gpr[s]) {
			e->busy |= 1u << s;
			return s;
		}
	/* else an operand that is still needed moves to memory; its register keeps the bits for this operation */
	return pick_scratch(e, 0);
}

u32 x64_xdest(struct x64 *e)
{
	u32 home = x64_homes.xmm_of_slot[put_ahead(e, e->i)];

	if (home != SLOT_NO_HOME) {
		evict_xmm(e, home);
		return home;
	}
	for (u32 operands = 0; operands < 2; operands++)	/* rather an operand's register that is free now */
		for (u32 s = 0; s < XMM_BOX; s++)
			if (!e->xmm[s] && (e->busy_xmm >> s & 1) != operands) {
				e->busy_xmm |= 1u << s;
				return s;
			}
	/* else an operand that is still needed moves to memory; its register keeps the bits for this operation */
	return pick_xscratch(e, 0);
}

u32 x64_xtemp(struct x64 *e)
{
	return (e->busy_xmm & XMM_SCRATCH) == XMM_SCRATCH ? XMM_BOX : x64_xscratch(e);
}

void x64_xtemp_done(struct x64 *e, u32 reg)
{
	if (reg == XMM_BOX)
		e_vrm(&e->p, MAP_0F, PP_F2, 0, 0x10, XMM_BOX, 0, at(AREA(box)));
}

static struct value *new_value(struct x64 *e, u8 place, u32 reg)
{
	struct value *v = &e->v[e->i];

	*v = (struct value){.place = place, .reg = (u8)reg, .left = e->t->ins[e->i].uses, .root = (ir_ref)e->i};
	return v;
}

/* Operations that are always done by 32-bit instructions on I32. */
static const u8 clears_upper[IR_OP_MAX] = {
	[IR_ADD] = 1, [IR_SUB] = 1, [IR_MUL] = 1, [IR_DIVS] = 1, [IR_DIVU] = 1, [IR_REMS] = 1, [IR_REMU] = 1,
	[IR_NEG] = 1, [IR_NOT] = 1, [IR_AND] = 1, [IR_OR] = 1, [IR_XOR] = 1, [IR_ANDN] = 1, [IR_SHL] = 1,
	[IR_SHR] = 1, [IR_SAR] = 1, [IR_ROL] = 1, [IR_ROR] = 1, [IR_MINS] = 1, [IR_MAXS] = 1, [IR_MINU] = 1,
	[IR_MAXU] = 1, [IR_BSWAP] = 1, [IR_CLZ] = 1, [IR_CTZ] = 1, [IR_POPC] = 1, [IR_SELECT] = 1, [IR_SELF] = 1,
	[IR_ADC] = 1, [IR_SBC] = 1, [IR_EXTR] = 1, [IR_BITREV] = 1,
};

void x64_set_gpr(struct x64 *e, u32 reg)
{
	struct value *v = new_value(e, P_GPR, reg);
	const struct ir_ins *n = &e->t->ins[e->i];

	v->zext = n->type == IR_I32 && clears_upper[n->op];
	e->gpr[reg] = v->left || !(GPR_SCRATCH & 1 << reg) ? (ir_ref)e->i : 0;
}

void x64_set_xmm(struct x64 *e, u32 reg)
{
	struct value *v = new_value(e, P_XMM, reg);

	if (e->t->ins[e->i].op != IR_GET)
		x64_pend_clear(e, reg);
	e->xmm[reg] = v->left || reg >= XMM_FIRST_HOME ? (ir_ref)e->i : 0;
}

void x64_alias(struct x64 *e, ir_ref of)
{
	struct value *v = x64_value(e, of);

	e->v[e->i] = (struct value){.root = v->root};
	v->left = (u16)(v->left + e->t->ins[e->i].uses);
	x64_used(e, of);
}

void x64_get(struct x64 *e, u32 slot)
{
	u32 gpr = x64_homes.gpr_of_slot[slot], xmm = x64_homes.xmm_of_slot[slot];
	struct value *v;

	if (e->t->slots[slot].type == IR_FLAGS) {
		x64_flags_get(e);
	} else if (gpr != SLOT_NO_HOME) {
		x64_set_gpr(e, gpr);
	} else if (xmm != SLOT_NO_HOME) {
		x64_set_xmm(e, xmm);
	} else {
		v = new_value(e, P_MEM, 0);
		v->backed = true;
		v->disp = (i32)e->t->slots[slot].offset - VCPU_BIAS;
		e->slot_value[slot] = (ir_ref)e->i;
	}
}

/* The slot's memory is about to be overwritten. */
static void evict_slot(struct x64 *e, u32 slot)
{
	ir_ref r = e->slot_value[slot];
	struct value *v = &e->v[r];

	e->slot_value[slot] = 0;
	if (!r || !v->left || !v->backed || v->spill)
		return;
	if (v->place == P_MEM && x64_is_vector(e, v)) {
		u32 s = x64_xscratch(e);

		copy_xmm(e, v, s);
		v->place = P_XMM;
		v->reg = (u8)s;
		e->xmm[s] = r;
	} else if (v->place == P_MEM) {
		u32 s = x64_scratch(e);

		copy_gpr(e, v, s);
		v->place = P_GPR;
		v->reg = (u8)s;
		e->gpr[s] = r;
	}
	v->backed = false;
}

static void put_memory(struct x64 *e, u32 slot, ir_ref r)
{
	i32 disp = (i32)e->t->slots[slot].offset - VCPU_BIAS, imm;
	struct value *v;

	e->busy |= x64_value(e, r)->place == P_GPR ? 1u << x64_value(e, r)->reg : 0;
	e->busy_xmm |= x64_value(e, r)->place == P_XMM ? 1u << x64_value(e, r)->reg : 0;
	evict_slot(e, slot);
	v = x64_value(e, r);
	if (e->t->slots[slot].type == IR_V128) {	/* all 16 bytes, whatever the value was made as */
		u32 reg = x64_xmm(e, r);

		e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x11, reg, 0, at(disp));
	} else if (x64_is_imm32(e, r, true, &imm)) {
		e_rm(&e->p, 0, 1, 0xc7, 0, at(disp), false);
		e32(&e->p, (u32)imm);
	} else if (v->place == P_XMM) {
		x64_pend_flush(e, 1u << v->reg);
		e_vrm(&e->p, MAP_0F, PP_F2, 0, 0x11, v->reg, 0, at(disp));
	} else {
		e_rm(&e->p, 0, 1, 0x89, x64_gpr(e, r), at(disp), false);
	}
	e->slot_value[slot] = root_of(e, r);
	if (v->place != P_CONST && !v->spill) {
		v->backed = true;
		v->disp = disp;
	}
	x64_used(e, r);
}

/* After a PUT: the home holds r's value, which may now live there alone. */
static void settle(struct x64 *e, ir_ref r, u8 place, u32 home, ir_ref *reg_value)
{
	struct value *v = x64_value(e, r);
	ir_ref root = v->root;

	x64_used(e, r);
	reg_value[home] = root;
	if (place == P_GPR && x64_is_vector(e, v))
		return;	/* the home has a part of it */
	if (v->place == P_MEM || (v->place == place && v->reg < (place == P_GPR ? RDX : XMM_BOX))) {
		if (v->place == place && reg_value[v->reg] == root && v->reg != home)
			reg_value[v->reg] = 0;
		v->place = place;
		v->reg = (u8)home;
	}
}

void x64_put(struct x64 *e, u32 slot, ir_ref r)
{
	u32 gpr = x64_homes.gpr_of_slot[slot], xmm = x64_homes.xmm_of_slot[slot];
	bool flags = e->flags_at == e->p;
	struct value *v = x64_value(e, r);

	if (e->t->slots[slot].type == IR_FLAGS) {
		x64_flags_put(e, r);
	} else if (gpr != SLOT_NO_HOME) {
		if (v->place != P_GPR || v->reg != gpr) {
			e->busy |= v->place == P_GPR ? 1u << v->reg : 0;
			evict_gpr(e, gpr);
			copy_gpr(e, x64_value(e, r), gpr);
		}
		settle(e, r, P_GPR, gpr, e->gpr);
		if (flags && v->place != P_XMM)
			e->flags_at = e->p;
	} else if (xmm != SLOT_NO_HOME) {
		if (v->place != P_XMM || v->reg != xmm) {
			e->busy_xmm |= v->place == P_XMM ? 1u << v->reg : 0;
			evict_xmm(e, xmm);
			copy_xmm(e, x64_value(e, r), xmm);
			x64_pend_clear(e, xmm);
		}
		settle(e, r, P_XMM, xmm, e->xmm);
	} else {
		put_memory(e, slot, r);
		if (flags && v->place != P_XMM)
			e->flags_at = e->p;
	}
}

void x64_empty_scratch(struct x64 *e, bool homes_change)
{
	for (u32 h = 0; h < 16; h++)
		if (homes_change || h <= RCX)
			if (h != RSP && h != RBP)
				evict_gpr(e, h);
	for (u32 h = 0; h < 16; h++)
		if (h != XMM_BOX && (homes_change || h < XMM_BOX))
			evict_xmm(e, h);
	for (u32 s = 0; homes_change && s < e->t->slot_count; s++)
		evict_slot(e, s);
	/* what moved into scratch registers goes on to spill slots */
	evict_gpr(e, RAX);
	evict_gpr(e, RCX);
	for (u32 h = 0; h < XMM_BOX; h++)
		evict_xmm(e, h);
	e->busy = e->busy_xmm = 0;
}

void x64_block_start(struct x64 *e)
{
	memset(e->gpr, 0, sizeof e->gpr);
	memset(e->xmm, 0, sizeof e->xmm);
	memset(e->slot_value, 0, e->t->slot_count * sizeof e->slot_value[0]);
	e->v[0] = (struct value){0};
	e->busy = e->busy_xmm = 0;
	memset(&e->pend64, 0, sizeof e->pend64);
	memset(&e->pend32, 0, sizeof e->pend32);
	e->flags_at = NULL;
	e->mxcsr_in_tmp = false;
	e->flags = (struct x64_flags){0};
	e->spills_used = e->spills_dead = 0;
	e->cold_count = 0;
	e->failed = false;
}
