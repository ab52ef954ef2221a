/* Guest memory: loads, stores, atomics.  A guest address is the host address
 * guest_base + va; with guest_base 0 it is used as it is.
 *
 * Plain accesses are one host instruction each, so a fault leaves every guest
 * register exact.  x86-64 orders loads and stores as strongly as RISC-V asks;
 * a LOCK instruction is a full fence.
 */
#include "jit/x64/x64.h"
#include "mem/guest.h"

/* Host address of the constant guest address k + imm, by a home that holds a constant near it or by rax/rcx. */
static struct mem constant_address(struct x64 *e, u64 va)
{
	u64 k;
	u32 s;

	if (!x64_homes.has_base && (i64)va == (i32)va)
		return (struct mem){NO_REG, NO_REG, 0, (i32)va};
	for (u32 h = RDX; h < 16 && !x64_homes.has_base; h++)
		if (e->gpr[h] && x64_is_const(e, e->gpr[h], &k) && (i64)(va - k) == (i32)(va - k))
			return (struct mem){(u8)h, NO_REG, 0, (i32)(va - k)};
	s = x64_scratch(e);
	e_mov_ri(&e->p, s, va);
	return x64_homes.has_base ? (struct mem){R15, (u8)s, 0, 0} : (struct mem){(u8)s, NO_REG, 0, 0};
}

/* The operand [a + (b << d) + imm] of n; uses of a and b are done. */
static struct mem address(struct x64 *e, const struct ir_ins *n)
{
	struct mem m;
	u64 k;
	u32 s;

	if (!n->b && x64_is_const(e, n->a, &k)) {
		x64_used(e, n->a);
		return constant_address(e, k + (u64)(i64)(i32)n->imm);
	}
	m = (struct mem){(u8)x64_gpr(e, n->a), NO_REG, 0, (i32)n->imm};
	if (n->b) {
		m.index = (u8)x64_gpr(e, n->b);
		m.scale = n->d;
		x64_used(e, n->b);
	}
	x64_used(e, n->a);
	if (!x64_homes.has_base)
		return m;
	if (m.index == NO_REG)
		return (struct mem){R15, m.base, 0, m.disp};
	if (m.base <= RCX && !e->gpr[m.base]) {
		s = m.base;
	} else if (m.index <= RCX && !e->gpr[m.index]) {
		s = m.index;
	} else {	/* if both are still needed, rax's value moves to memory; its bits are there for the lea */
		if ((e->busy & GPR_SCRATCH) == GPR_SCRATCH)
			e->busy &= ~(1u << RAX);
		s = x64_scratch(e);
	}
	e_rm(&e->p, 0, 1, 0x8d, s, m, false);
	return (struct mem){R15, (u8)s, 0, 0};
}

static void emit_load(struct x64 *e, const struct ir_ins *n)
{
	static const u16 op[8] = {0x0fb6, 0x0fb7, 0x8b, 0x8b, 0x0fbe, 0x0fbf, 0x63, 0x8b};
	u32 k = n->aux & (MEM_SIZE | MEM_SIGNED), d;
	struct mem m = address(e, n);

	assert(!(n->aux & MEM_BE));
	if (n->type == IR_F32 || n->type == IR_F64) {
		d = x64_xdest(e);
		x64_point(e, false);
		e_vrm(&e->p, MAP_0F, n->type == IR_F64 ? PP_F2 : PP_F3, 0, 0x10, d, 0, m);
		x64_set_xmm(e, d);
		e->v[e->i].clean = n->type == IR_F64 ? 64 : 32;
		return;
	}
	d = x64_dest(e, true);
	x64_point(e, false);
	e_rm(&e->p, 0, k == MEM_64 || k & MEM_SIGNED, op[k], d, m, false);
	x64_set_gpr(e, d);
}

/* Fold an address that takes both scratch registers into one of them. */
static struct mem one_register(struct x64 *e, struct mem m)
{
	u32 s = e->gpr[RAX] && !e->gpr[RCX] ? RCX : RAX;

	if (e->gpr[s]) {	/* both hold values that are still needed: this one moves to memory */
		e->busy &= ~(1u << s);
		x64_take(e, s);
	}
	e_rm(&e->p, 0, 1, 0x8d, s, m, false);
	e->busy = (e->busy & ~(u32)GPR_SCRATCH) | 1u << s;
	return (struct mem){(u8)s, NO_REG, 0, 0};
}

static void emit_store(struct x64 *e, const struct ir_ins *n)
{
	u32 size = n->aux & MEM_SIZE, c, prefix = size == 1 ? 0x66 : 0;
	struct mem m = address(e, n);
	struct value *v = x64_value(e, n->c);
	i32 imm;

	assert(!(n->aux & MEM_BE));
	if (x64_is_imm32(e, n->c, size == 3, &imm)) {
		x64_point(e, false);
		e_rm(&e->p, prefix, size == 3, size ? 0xc7 : 0xc6, 0, m, false);
		if (size == 0)
			e8(&e->p, (u32)imm);
		else if (size == 1)
			e8(&e->p, (u32)imm), e8(&e->p, (u32)imm >> 8);
		else
			e32(&e->p, (u32)imm);
		x64_used(e, n->c);
		return;
	}
	if (v->place == P_XMM && size >= 2) {
		x64_pend_flush(e, 1u << v->reg);
		x64_point(e, false);
		e_vrm(&e->p, MAP_0F, size == 3 ? PP_F2 : PP_F3, 0, 0x11, v->reg, 0, m);
		x64_used(e, n->c);
		return;
	}
	if (v->place != P_GPR && (e->busy & GPR_SCRATCH) == GPR_SCRATCH)
		m = one_register(e, m);
	c = x64_gpr(e, n->c);
	x64_point(e, false);
	e_rm(&e->p, prefix, size == 3, size ? 0x89 : 0x88, c, m, size == 0);
	x64_used(e, n->c);
}

/* Everything about an atomic goes through C when its operands are not in homes (or guest_base is not 0). */
static bool atomic_inline(struct x64 *e, const struct ir_ins *n)
{
	struct value *a = x64_value(e, n->a), *b = x64_value(e, n->b);

	return !x64_homes.has_base && (n->aux & MEM_SIZE) >= 2 && a->place == P_GPR && a->reg > RCX &&
	       (!n->b || b->place == P_CONST || (b->place == P_GPR && b->reg > RCX));
}

/* A misaligned atomic leaves by the C path, which raises the fault. */
static void check_aligned(struct x64 *e, const struct ir_ins *n, u32 ra, const u8 *in, u32 count)
{
	u32 mask = (1u << (n->aux & MEM_SIZE)) - 1;
	u8 *bad;

	if (!(n->aux & MEM_ALIGNED))
		return;
	e_rr(&e->p, 0, 0, 0xf6, 0, ra, true);	/* test r8, imm8 */
	e8(&e->p, mask);
	bad = e_jcc(&e->p, J_NE);
	x64_soft_call(e, bad, in, count, 0, RAX, false);
}

static void emit_atomic_soft(struct x64 *e, const struct ir_ins *n)
{
	u8 in[2] = {RAX, RCX};

	x64_empty_scratch(e, false);
	e->busy = GPR_SCRATCH;
	x64_gpr_to(e, n->a, RAX);
	x64_used(e, n->a);
	if (n->b) {
		x64_gpr_to(e, n->b, RCX);
		x64_used(e, n->b);
	}
	x64_soft_call(e, NULL, in, n->b ? 2 : 1, 0, RAX, false);
	x64_set_gpr(e, RAX);
}

/* A LOCK prefix, when there is anybody to lock out. */
static void lock_prefix(struct x64 *e)
{
	if (vcpu_parallel)
		e8(&e->p, 0xf0);
}

static void sign_result(struct x64 *e, const struct ir_ins *n)
{
	if ((n->aux & MEM_SIZE) == MEM_32)
		e_rr(&e->p, 0, n->aux & MEM_SIGNED ? 1 : 0, n->aux & MEM_SIGNED ? 0x63 : 0x8b, RAX, RAX, false);
}

/* What atomics begin with: exact state, scratch registers free, the operand in rcx, the address (its home: *ret_ra)
 * aligned.  False: all was done in C. */
static bool atomic_begin(struct x64 *e, const struct ir_ins *n, u32 *ret_ra)
{
	u8 in[2] = {0, RCX};

	x64_pend_all(e);
	if (!atomic_inline(e, n)) {
		emit_atomic_soft(e, n);
		return false;
	}
	x64_empty_scratch(e, false);
	e->busy = GPR_SCRATCH;
	*ret_ra = in[0] = x64_value(e, n->a)->reg;
	if (n->b)
		x64_gpr_to(e, n->b, RCX);
	check_aligned(e, n, *ret_ra, in, n->b ? 2 : 1);
	return true;
}

/* lock op [m], b with nobody asking for the old value. */
static bool amo_no_result(struct x64 *e, const struct ir_ins *n, struct mem m)
{
	static const u8 alu[] = {[AMO_ADD] = ALU_ADD, [AMO_AND] = ALU_AND, [AMO_OR] = ALU_OR, [AMO_XOR] = ALU_XOR};
	u32 w = (n->aux & MEM_SIZE) == MEM_64;

	if (n->uses || n->d < AMO_ADD || n->d > AMO_XOR)
		return false;
	x64_point(e, false);
	lock_prefix(e);
	e_rm(&e->p, 0, w, (u32)alu[n->d] << 3 | 1, RCX, m, false);
	return true;
}

static void emit_amo(struct x64 *e, const struct ir_ins *n)
{
	static const u8 alu[] = {[AMO_AND] = ALU_AND, [AMO_OR] = ALU_OR, [AMO_XOR] = ALU_XOR};
	static const u8 take_b[] = {[AMO_MINS] = J_L, [AMO_MAXS] = J_G, [AMO_MINU] = J_B, [AMO_MAXU] = J_A};
	u32 w = (n->aux & MEM_SIZE) == MEM_64, ra;
	struct mem m;
	u8 *again;

	if (!atomic_begin(e, n, &ra))
		return;
	m = (struct mem){(u8)ra, NO_REG, 0, 0};
	if (n->d == AMO_SWAP && !vcpu_parallel) {	/* xchg locks by itself */
		x64_point(e, false);
		e_rm(&e->p, 0, w, 0x8b, RAX, m, false);
		e_rm(&e->p, 0, w, 0x89, RCX, m, false);
	} else if (n->d == AMO_SWAP || (n->d == AMO_ADD && n->uses)) {
		x64_gpr_to(e, n->b, RAX);
		x64_point(e, false);
		if (n->d == AMO_ADD)
			lock_prefix(e);
		e_rm(&e->p, 0, w, n->d == AMO_ADD ? 0x0fc1 : 0x87, RAX, m, false);
	} else if (!amo_no_result(e, n, m)) {
		x64_point(e, false);
		e_rm(&e->p, 0, w, 0x8b, RAX, m, false);
		again = e->p;
		if (n->d <= AMO_XOR) {
			x64_gpr_to(e, n->b, RCX);
			e_rr(&e->p, 0, w, (u32)alu[n->d] << 3 | 3, RCX, RAX, false);
		} else {	/* rcx = b cc rax ? b : rax */
			x64_gpr_to(e, n->b, RCX);
			e_rr(&e->p, 0, w, 0x3b, RCX, RAX, false);
			e_rr(&e->p, 0, w, 0x0f40 | (take_b[n->d] ^ 1), RCX, RAX, false);
		}
		lock_prefix(e);
		e_rm(&e->p, 0, w, 0x0fb1, RCX, m, false);
		e8(&e->p, 0x75);
		e8(&e->p, (u32)(again - (e->p + 1)));
	}
	if (n->uses)
		sign_result(e, n);
	x64_used(e, n->a);
	x64_used(e, n->b);
	x64_set_gpr(e, RAX);
}

static void emit_ll(struct x64 *e, const struct ir_ins *n)
{
	u32 ra;

	if (!atomic_begin(e, n, &ra))
		return;
	x64_point(e, false);
	e_rm(&e->p, 0, (n->aux & MEM_SIZE) == MEM_64, 0x8b, RAX, (struct mem){(u8)ra, NO_REG, 0, 0}, false);
	sign_result(e, n);
	e_rm(&e->p, 0, 1, 0x89, ra, at(VCPU(excl_addr)), false);
	e_rm(&e->p, 0, 1, 0x89, RAX, at(VCPU(excl_val)), false);
	x64_used(e, n->a);
	x64_set_gpr(e, RAX);
}

/* Stored if memory still holds what the LL read (as compare and swap: see docs/decisions). */
static void emit_sc(struct x64 *e, const struct ir_ins *n)
{
	u32 ra;
	u8 *differs;

	if (!atomic_begin(e, n, &ra))
		return;
	e_rm(&e->p, 0, 1, 0x8b, RAX, at(VCPU(excl_val)), false);
	e_rm(&e->p, 0, 1, 0x3b, ra, at(VCPU(excl_addr)), false);
	differs = e_jcc(&e->p, J_NE);
	x64_point(e, false);
	lock_prefix(e);
	e_rm(&e->p, 0, (n->aux & MEM_SIZE) == MEM_64, 0x0fb1, RCX, (struct mem){(u8)ra, NO_REG, 0, 0}, false);
	x64_rel(e, differs, x64_rx(e, e->p));
	e_rr(&e->p, 0, 0, 0x0f90 | J_NE, 0, RAX, true);
	e_rr(&e->p, 0, 0, 0x0fb6, RAX, RAX, true);
	e_rm(&e->p, 0, 1, 0xc7, 0, at(VCPU(excl_addr)), false);
	e32(&e->p, 0xffffffff);
	x64_used(e, n->a);
	x64_used(e, n->b);
	x64_set_gpr(e, RAX);
}

/* All in rax and rcx and the address's home, if it has one; else in C. */
static void emit_cas(struct x64 *e, const struct ir_ins *n)
{
	struct value *a = x64_value(e, n->a);
	u32 w = (n->aux & MEM_SIZE) == MEM_64, ra;
	u8 in[3] = {0, RAX, RCX};

	x64_pend_all(e);
	x64_empty_scratch(e, false);
	e->busy = GPR_SCRATCH;
	if (a->place != P_GPR) {	/* no register for the address: it goes to memory at once */
		x64_gpr_to(e, n->a, RAX);
		e_rm(&e->p, 0, 1, 0x89, RAX, at(AREA(arg)), false);
		x64_gpr_to(e, n->b, RAX);
		x64_gpr_to(e, n->c, RCX);
		x64_used(e, n->a), x64_used(e, n->b), x64_used(e, n->c);
		in[0] = NO_REG;
		x64_soft_call(e, NULL, in, 3, 0, RAX, false);
		x64_set_gpr(e, RAX);
		return;
	}
	ra = in[0] = a->reg;
	x64_gpr_to(e, n->b, RAX);
	x64_gpr_to(e, n->c, RCX);
	x64_used(e, n->a), x64_used(e, n->b), x64_used(e, n->c);
	if ((n->aux & MEM_SIZE) < MEM_32 || x64_homes.has_base || n->aux & MEM_ALIGNED) {
		x64_soft_call(e, NULL, in, 3, 0, RAX, false);
	} else {
		x64_point(e, false);
		lock_prefix(e);
		e_rm(&e->p, 0, w, 0x0fb1, RCX, (struct mem){(u8)ra, NO_REG, 0, 0}, false);
		sign_result(e, n);
	}
	x64_set_gpr(e, RAX);
}

/* 16 bytes, of any alignment. */
static void emit_vector_access(struct x64 *e, const struct ir_ins *n)
{
	struct mem m = address(e, n);
	u32 reg;

	if (n->op == IR_VLD) {
		reg = x64_xdest(e);
		x64_point(e, false);
		e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x10, reg, 0, m);
		x64_set_xmm(e, reg);
		return;
	}
	reg = x64_xmm(e, n->c);
	x64_point(e, false);
	e_vrm(&e->p, MAP_0F, PP_NONE, 0, 0x11, reg, 0, m);
	x64_used(e, n->c);
}

void x64_memory(struct x64 *e)
{
	const struct ir_ins *n = &e->t->ins[e->i];

	switch (n->op) {
	case IR_LD: emit_load(e, n); break;
	case IR_ST: emit_store(e, n); break;
	case IR_AMO: emit_amo(e, n); break;
	case IR_LL: emit_ll(e, n); break;
	case IR_SC: emit_sc(e, n); break;
	case IR_CAS: emit_cas(e, n); break;
	case IR_VLD: case IR_VST: emit_vector_access(e, n); break;
	case IR_FENCE:
		if (n->aux && vcpu_parallel) {	/* lock or dword [rsp], 0 */
			e8(&e->p, 0xf0);
			e_alu_mi(&e->p, 0, ALU_OR, (struct mem){RSP, NO_REG, 0, 0}, 0);
		}
		break;
	default: assert(!"a memory operation");
	}
}
