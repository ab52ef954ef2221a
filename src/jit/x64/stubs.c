/* Trampolines at the start of code memory, and how a fault leaves them.
 *
 *   enter      C: (vcpu, code); saves callee-saved registers, loads homes, jumps
 *   jump_miss  guest pc in rax: exit with JIT_EXIT_LOOKUP
 *   link       called by the stub of an unlinked exit: its return address is the result
 *   raise      result in eax, called by cold code: its return address goes to vcpu->pc
 *   exit       result in rax: stores homes, back to C
 *   call       from hot or cold code: all registers saved, x64_call_out(vcpu) in
 *              C, all restored; results pass through the area
 *
 * The guest's MXCSR is in force between enter and exit, also in call_out (which
 * does no floating point), and is kept in vcpu->mxcsr otherwise.
 */
#include "jit/x64/x64.h"

struct x64_stubs x64_stubs;

static const u8 callee_saved[] = {RBX, RBP, R12, R13, R14, R15};

static void push(u8 **p, u32 reg)
{
	if (reg > 7)
		e8(p, 0x41);
	e8(p, 0x50 | (reg & 7));
}

static void pop(u8 **p, u32 reg)
{
	if (reg > 7)
		e8(p, 0x41);
	e8(p, 0x58 | (reg & 7));
}

static void mxcsr(u8 **p, bool load)
{
	e_rm(p, 0, 0, 0x0fae, load ? 2 : 3, at(VCPU(mxcsr)), false);
}

/* Homes to, or from, their slots; xmm3 is loaded with its constant. */
static void homes(u8 **p, bool load)
{
	const struct x64_homes *h = &x64_homes;

	for (u32 r = 0; r < 16; r++)
		if (h->slot_of_gpr[r])
			e_rm(p, 0, 1, load ? 0x8b : 0x89, r, at((i32)h->offset_of_gpr[r] - VCPU_BIAS), false);
	for (u32 r = XMM_FIRST_HOME; r < 16; r++)
		if (h->slot_of_xmm[r])
			e_vrm(p, MAP_0F, h->vectors ? PP_NONE : PP_F2, 0, load ? 0x10 : 0x11, r, 0,
			      at((i32)h->offset_of_xmm[r] - VCPU_BIAS));
	if (load) {
		e_vrm(p, MAP_0F, PP_F2, 0, 0x10, XMM_BOX, 0, at(AREA(box)));
		if (h->has_base)
			e_rm(p, 0, 1, 0x8b, R15, at(AREA(base)), false);
	}
}

static void write_enter(u8 **p)
{
	for (u32 k = 0; k < ARRAY_SIZE(callee_saved); k++)
		push(p, callee_saved[k]);
	e_alu_ri(p, 1, ALU_SUB, RSP, 8);	/* calls from here find an aligned stack */
	e_rm(p, 0, 1, 0x8d, RBP, (struct mem){RDI, NO_REG, 0, VCPU_BIAS}, false);
	e_mov_rr(p, RAX, RSI);
	e_rm(p, 0, 1, 0x89, RSP, at(VCPU(host_sp)), false);
	mxcsr(p, true);
	homes(p, true);
	e_rr(p, 0, 0, 0xff, 4, RAX, false);
}

static void write_exit(u8 **p)
{
	homes(p, false);
	mxcsr(p, false);
	e_rm(p, 0, 0, 0x0fae, 2, at(AREA(host_mxcsr)), false);
	e_rm(p, 0, 1, 0x8b, RSP, at(VCPU(host_sp)), false);
	e_alu_ri(p, 1, ALU_ADD, RSP, 8);
	for (u32 k = ARRAY_SIZE(callee_saved); k--;)
		pop(p, callee_saved[k]);
	e8(p, 0xc3);
}

static void scratch_state(u8 **p, bool load)
{
	e_rm(p, 0, 1, load ? 0x8b : 0x89, RAX, at(AREA(save_rax)), false);
	e_rm(p, 0, 1, load ? 0x8b : 0x89, RCX, at(AREA(save_rcx)), false);
	for (u32 r = 0; r < XMM_BOX; r++)
		e_vrm(p, MAP_0F, PP_NONE, 0, load ? 0x10 : 0x11, r, 0, at(AREA(save_xmm) + (i32)r * 16));
}

static void write_call(u8 **p)
{
	scratch_state(p, false);
	homes(p, false);
	mxcsr(p, false);
	e_alu_ri(p, 1, ALU_SUB, RSP, 8);
	e_rm(p, 0, 1, 0x8d, RDI, at(-VCPU_BIAS), false);
	e_rm(p, 0, 0, 0xff, 2, at(AREA(call_out)), false);
	e_alu_ri(p, 1, ALU_ADD, RSP, 8);
	mxcsr(p, true);
	homes(p, true);
	scratch_state(p, true);
	e8(p, 0xc3);
}

u32 x64_trampolines(struct jit_span *at_span)
{
	u8 *start = at_span->rw + at_span->len, *p = start;
	u64 rx = at_span->rx + at_span->len;
	i32 rel;

	x64_stubs.enter = rx;
	write_enter(&p);
	x64_stubs.jump_miss = rx + (u64)(p - start);
	e_rm(&p, 0, 1, 0x89, RAX, at(VCPU(pc)), false);
	e_mov_ri(&p, RAX, JIT_EXIT_LOOKUP);
	x64_stubs.exit = rx + (u64)(p - start);
	write_exit(&p);
	x64_stubs.link = rx + (u64)(p - start);
	pop(&p, RAX);
	rel = (i32)(x64_stubs.exit - (rx + (u64)(p - start) + 5));
	e8(&p, 0xe9);
	e32(&p, (u32)rel);
	x64_stubs.raise = rx + (u64)(p - start);
	pop(&p, RCX);
	e_rm(&p, 0, 1, 0x89, RCX, at(VCPU(pc)), false);
	rel = (i32)(x64_stubs.exit - (rx + (u64)(p - start) + 5));
	e8(&p, 0xe9);
	e32(&p, (u32)rel);
	x64_stubs.call = rx + (u64)(p - start);
	write_call(&p);
	assert(p <= start + at_span->cap - at_span->len);
	at_span->len += (u32)(p - start);
	return (u32)(p - start);
}

u64 x64_enter(struct vcpu *cpu, u64 code)
{
	u64 (*enter)(struct vcpu *, u64) = (u64(*)(struct vcpu *, u64))(uintptr_t)x64_stubs.enter;

	return enter(cpu, code);
}

/* Canonicalise a result whose check was still to come. */
static u64 check_pending(u64 v, u32 reg, const struct jit_pend *pend)
{
	if (pend && pend->f64 & 1u << reg && (v & ~(1ull << 63)) > 0x7ff0000000000000ull)
		return 0x7ff8000000000000ull;
	if (pend && pend->f32 & 1u << reg && (v & 0x7fffffff) > 0x7f800000)
		return 0xffffffff7fc00000ull;
	return v;
}

/* The host's flags to the guest's slot, as x64_flags_store writes it. */
static void store_flags(struct vcpu *cpu, u32 eflags, u32 form)
{
	const struct x64_area *x = (const struct x64_area *)cpu->accel_area;
	u64 slot = (eflags & 0xff) << 8 | (eflags >> 11 & 1);

	if (form == FORM_ADD)
		slot ^= FLAGS_BORROW;
	if (form == FORM_FP)
		slot = x->fp_flags[eflags & FP_FLAGS_MASK];
	memcpy((u8 *)cpu + x64_homes.flags_offset, &slot, sizeof slot);
}

/* Go on at the exit trampoline with the result in rax: it stores the homes as they are.  Pending NaNs are put right in
 * the context's vector registers first, flags in the context go to their slot. */
void x64_unwind(struct vcpu *cpu, ucontext_t *uc, const struct jit_pend *pend, u64 result)
{
	struct _libc_fpstate *fp = uc->uc_mcontext.fpregs;

	for (u32 r = XMM_FIRST_HOME; pend && fp && r < 16; r++) {
		u64 v;

		memcpy(&v, fp->_xmm[r].element, sizeof v);
		v = check_pending(v, r, pend);
		memcpy(fp->_xmm[r].element, &v, sizeof v);
	}
	if (pend && pend->flags)
		store_flags(cpu, (u32)uc->uc_mcontext.gregs[REG_EFL], pend->flags);
	uc->uc_mcontext.gregs[REG_RAX] = (greg_t)result;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)x64_stubs.exit;
}
