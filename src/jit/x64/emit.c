/* The x86-64 back end: the walk over a block's IR, and the back end's record.
 * See x64.h for how the parts divide the work.
 */
#include "jit/x64/x64.h"
#include "base/error.h"
#include "cpu/target.h"
#include "host/cpu.h"
#include "mem/guest.h"

struct x64_homes x64_homes;

static struct x64 emitter;	/* under the jit lock */

enum { HOT_SLACK = 512, COLD_SLACK = 256 };	/* more than one IR operation writes */

/* Operations that leave the host's flags alone, or look after them themselves; so do all on vectors but those that
 * compute in floating point. */
static const u8 keeps_flags[IR_OP_MAX] = {
	[IR_GET] = 1, [IR_PUT] = 1, [IR_TRUNC] = 1, [IR_SEXT] = 1, [IR_ZEXT] = 1, [IR_BITCAST] = 1,
	[IR_LD] = 1, [IR_ST] = 1, [IR_VLD] = 1, [IR_VST] = 1, [IR_NOT] = 1, [IR_BSWAP] = 1, [IR_NEG] = 1,
	[IR_ADD] = 1, [IR_SUB] = 1, [IR_AND] = 1, [IR_FLADD] = 1, [IR_FLSUB] = 1, [IR_FLADC] = 1,
	[IR_FLSBC] = 1, [IR_FLAND] = 1, [IR_FLCCMP] = 1, [IR_FLFCMP] = 1, [IR_FLSET] = 1, [IR_FLGET] = 1,
	[IR_ADC] = 1, [IR_SBC] = 1, [IR_SETF] = 1, [IR_SELF] = 1, [IR_EXIT_FLAGS] = 1, [IR_GOTO] = 1, [IR_KICK] = 1,
};

static inline void emit_one(struct x64 *e, const struct ir_ins *n)
{
	if (e->flags.in_host && !keeps_flags[n->op] && (n->op < IR_VZEXT || n->op > IR_VMULL))
		x64_flags_clobber(e);
	e->busy = e->busy_xmm = 0;
	e->spills_used &= ~e->spills_dead;
	e->spills_dead = 0;
	switch (n->op) {
	case IR_GET:
		x64_get(e, n->imm);
		break;
	case IR_PUT:
		x64_put(e, n->imm, n->a);
		break;
	case IR_TRUNC:
		x64_alias(e, n->a);
		break;
	case IR_LD: case IR_ST: case IR_AMO: case IR_LL: case IR_SC: case IR_CAS: case IR_FENCE: case IR_VLD:
	case IR_VST:
		x64_memory(e);
		break;
	case IR_EXIT_IF: case IR_EXIT_FLAGS: case IR_GOTO: case IR_KICK: case IR_JUMP: case IR_RAISE: case IR_CALL:
		x64_control(e);
		break;
	default:
		if (n->op >= IR_VZEXT && n->op <= IR_VCALL)
			x64_vector(e);
		else if (n->op >= IR_FADD)
			x64_fp(e);
		else if (n->op >= IR_FLADD && n->op <= IR_SELF)
			x64_flags(e);
		else
			x64_int(e);
	}
}

static int x64_emit(struct ir *t, struct jit_code *code)
{
	struct x64 *e = &emitter;
	u8 *hot_end = code->hot.rw + code->hot.cap - HOT_SLACK;
	u8 *cold_end = code->cold.rw + code->cold.cap;

	if (code->hot.cap < code->hot.len + 2 * HOT_SLACK || code->cold.cap < code->cold.len + COLD_SLACK)
		return -ENOSPC;
	e->t = t;
	e->code = code;
	code->link_count = code->point_count = code->pend_count = 0;
	e->hot_start = e->p = code->hot.rw + code->hot.len;
	x64_block_start(e);
	for (u32 i = 1; i < t->n; i++) {
		const struct ir_ins *n = &t->ins[i];

		if (n->op <= IR_CONST) {	/* more than half of them */
			if (n->op == IR_CONST)
				x64_const(e, i);
			else if (n->op == IR_PC)
				e->pc = t->start + n->imm;
			continue;
		}
		e->i = i;
		emit_one(e, n);
		if (e->failed || e->p > hot_end)
			return -ENOSPC;
	}
	code->hot.len = (u32)(e->p - code->hot.rw);
	e->p = code->cold.rw + code->cold.len;
	if (e->p + (u64)e->cold_count * COLD_SLACK > cold_end)
		return -ENOSPC;
	x64_cold_write(e);
	if (e->failed)
		return -ENOSPC;
	code->cold.len = (u32)(e->p - code->cold.rw);
	return 0;
}

static void x64_patch(u8 *rw, u64 site, u64 target)
{
	i32 rel = (i32)(target - (site + 4));

	__atomic_store_n((i32 *)(void *)rw, rel, __ATOMIC_RELEASE);
}

static int x64_init(const struct target *target, struct error *err)
{
	static const u8 pool[] = {RBX, RSI, RDI, R8, R9, R10, R11, R14, R12, R13, RDX, R15};
	struct x64_homes *h = &x64_homes;
	u32 limit = guest_base ? ARRAY_SIZE(pool) - 1 : ARRAY_SIZE(pool);

	if (host_cpu_level() < 3)
		return fail(err, ENOTSUP,
			    "the translator needs an x86-64-v3 host CPU (AVX2, BMI2, FMA): use "
			    "-accel interp");
	memset(h->gpr_of_slot, SLOT_NO_HOME, sizeof h->gpr_of_slot);
	memset(h->xmm_of_slot, SLOT_NO_HOME, sizeof h->xmm_of_slot);
	h->jump_shift = (u8)__builtin_ctz(target->insn_align);
	for (u32 k = 1; k < target->slot_count; k++) {
		h->vectors |= target->slots[k].type == IR_V128;
		if (target->slots[k].type == IR_FLAGS)
			h->flags_offset = target->slots[k].offset;
	}
	for (u32 k = 0; k < limit && target->homes[k]; k++) {
		u32 slot = target->homes[k];

		h->gpr_of_slot[slot] = pool[k];
		h->slot_of_gpr[pool[k]] = (u16)slot;
		h->offset_of_gpr[pool[k]] = target->slots[slot].offset;
	}
	for (u32 k = 0; k < 16 - XMM_FIRST_HOME && target->fp_homes && target->fp_homes[k]; k++) {
		u32 slot = target->fp_homes[k], reg = XMM_FIRST_HOME + k;

		h->xmm_of_slot[slot] = (u8)reg;
		h->slot_of_xmm[reg] = (u16)slot;
		h->offset_of_xmm[reg] = target->slots[slot].offset;
	}
	h->has_base = guest_base != 0;
	h->has_avx512 = host_cpu_level() >= 4;
	return 0;
}

static u8 flags_from_host(u32 status)
{
	return (u8)((status & 1 ? FP_NV : 0) | (status & 4 ? FP_DZ : 0) | (status & 8 ? FP_OF : 0) |
		    (status & 16 ? FP_UF : 0) | (status & 32 ? FP_NX : 0));
}

static void vector_constants(struct x64_area *x)
{
	for (u32 k = 0; k < 2; k++) {
		x->min64[k] = 1ull << 52;
		x->min32[k] = 0x0080000000800000ull;
		x->sign_all64[k] = 1ull << 63;
		x->abs_all64[k] = ~(1ull << 63);
		x->sign_all32[k] = 0x8000000080000000ull;
		x->abs_all32[k] = 0x7fffffff7fffffffull;
		x->low4.d[k] = 0x0f0f0f0f0f0f0f0full;
		x->low8.d[k] = 0x00ff00ff00ff00ffull;
		x->index16.d[k] = 0x7070707070707070ull;
	}
	for (u32 k = 0; k < 16; k++) {
		x->bit_counts.b[k] = (u8)__builtin_popcount(k);
		x->bits_high.b[k] = (u8)(ir_bitrev(k) >> 60);
		x->bits_low.b[k] = (u8)(x->bits_high.b[k] << 4);
		for (u32 lane = 0; lane < 3; lane++)
			for (u32 group = lane + 1; group <= 3; group++)
				x->reverse[lane][group].b[k] = (u8)(k ^ (((1u << group) - 1) & ~((1u << lane) - 1)));
	}
}

static void x64_vcpu_init(struct vcpu *cpu)
{
	struct x64_area *x = (struct x64_area *)cpu->accel_area;

	x->jump[0].key = (u64)-1;	/* pc 0 must miss; no other zero key can be asked for in its place */
	x->host_mxcsr = 0x1f80;	/* the ABI's default */
	x->base = guest_base;
	x->call_out = (u64)(uintptr_t)x64_call_out;
	x->box[0] = x64_homes.vectors ? 0 : 0xffffffff00000000ull;
	x->sign64[0] = 1ull << 63;
	x->abs64[0] = ~(1ull << 63);
	x->sign32[0] = 1ull << 31;
	x->abs32[0] = ~(1ull << 31);
	if (x64_homes.vectors)
		vector_constants(x);
	for (u32 k = 0; k < 16; k++)
		x->flags_of_nzcv[k] = (u16)ir_flags(k);
	x->fp_flags[0x01] = (u16)ir_flags(8);	/* less: CF */
	x->fp_flags[0x40] = (u16)ir_flags(6);	/* equal: ZF */
	x->fp_flags[0x00] = (u16)ir_flags(2);	/* greater */
	x->fp_flags[0x45] = (u16)ir_flags(3);	/* unordered: all three */
	x->nan64 = 0x7ff8000000000000ull;
	x->nan32 = 0xffffffff7fc00000ull;
	for (u32 k = 0; k < 64; k++)
		x->flags_from_host[k] = flags_from_host(k);
	for (u32 k = 0; k < 64; k++)
		if (!(k & 2))	/* no status bit for denormal operands */
			x->flags_to_host[flags_from_host(k)] = (u8)k;
}

static void jump_set(struct vcpu *cpu, u64 pc, u64 code)
{
	struct x64_area *x = (struct x64_area *)cpu->accel_area;
	u32 k = pc >> x64_homes.jump_shift & (JUMP_ENTRIES - 1);

	__atomic_store_n(&x->jump[k].key, (u64)-1, __ATOMIC_RELEASE);
	__atomic_store_n(&x->jump[k].code, code, __ATOMIC_RELEASE);
	__atomic_store_n(&x->jump[k].key, pc, __ATOMIC_RELEASE);
}

static void jump_clear(struct vcpu *cpu, u64 pc)
{
	struct x64_area *x = (struct x64_area *)cpu->accel_area;
	u32 k = pc >> x64_homes.jump_shift & (JUMP_ENTRIES - 1);

	if (__atomic_load_n(&x->jump[k].key, __ATOMIC_RELAXED) == pc)
		__atomic_store_n(&x->jump[k].key, (u64)-1, __ATOMIC_RELEASE);
}

static void jump_flush(struct vcpu *cpu)
{
	struct x64_area *x = (struct x64_area *)cpu->accel_area;

	for (u32 k = 0; k < JUMP_ENTRIES; k++)
		if (x->jump[k].key)	/* leave untouched pages untouched */
			__atomic_store_n(&x->jump[k].key, (u64)-1, __ATOMIC_RELEASE);
}

const struct jit_host jit_x64 = {
	.name = "x86-64",
	.init = x64_init,
	.trampolines = x64_trampolines,
	.area_size = sizeof(struct x64_area),
	.vcpu_init = x64_vcpu_init,
	.emit = x64_emit,
	.patch = x64_patch,
	.enter = x64_enter,
	.jump_set = jump_set,
	.jump_clear = jump_clear,
	.jump_flush = jump_flush,
	.unwind = x64_unwind,
};
