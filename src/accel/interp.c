/* The accelerator "interp": guest code runs in the IR's reference interpreter.
 *
 * Each vCPU keeps IR blocks in a direct-mapped table by guest pc and mode.  A
 * block carries the number of changes of guest code (`epoch`) that had been seen
 * when its bytes were read; when the number has moved on, the block is built
 * anew.  A bitmap of hashed page numbers says which pages any block came from,
 * so that unmapping data moves nothing.  An instruction fence moves only the
 * number that blocks from writable memory go by.
 *
 * It needs no executable memory and runs on any x86-64 processor: the fallback,
 * and what the translator is tested against.
 * Not modelled: stores into code that the same vCPU
 * runs are seen after a fence, as RISC-V wants it, not at once.
 * Thread: exec on the vCPU's own; invalidate and flush_code on any, without a lock.
 */
#include "base/bits.h"
#include "base/log.h"
#include "cpu/accel.h"
#include "cpu/cpu.h"
#include "cpu/target.h"
#include "jit/frontend.h"
#include "mem/guest.h"
#include <stdlib.h>

enum { BLOCKS = 4096, CODE_PAGES = 65536, PAGE_BITS = 12 };

struct block {
	struct ir *ir;		/* one allocation with its arrays; NULL: nothing here */
	u64 pc;
	u64 epoch, fence_epoch;	/* what they were before the bytes were read */
	u32 mode;
	bool writable;		/* goes by fence_epoch too */
};

struct interp_vcpu {
	struct ir *ir;		/* to build in */
	struct block *blocks;
};

static u64 epoch, fence_epoch;		/* atomic */
static u64 code_pages[CODE_PAGES / 64];	/* atomic; bit set: some block came from a page of that hash */
static bool one_insn;

static struct interp_vcpu *area(struct vcpu *cpu)
{
	return (struct interp_vcpu *)cpu->accel_area;
}

/* ---- guest memory ---- */

static bool faulted(struct vcpu *cpu)
{
	cpu->fault_addr = guest_fault.addr;
	cpu->fault_access = guest_fault.write ? ACCESS_WRITE : ACCESS_READ;
	cpu->fault_host_signal = (u8)guest_fault.signal;
	cpu->fault_host_code = (u8)guest_fault.code;
	return false;
}

/* False, and a fault, when an access that must be aligned is not. */
static bool is_aligned(struct vcpu *cpu, u64 va, u32 mem)
{
	if (!(mem & MEM_ALIGNED) || !(va & ((1u << (mem & MEM_SIZE)) - 1)))
		return true;
	cpu->fault_addr = va;
	cpu->fault_access = ACCESS_WRITE;
	cpu->fault_host_signal = SIGBUS;
	cpu->fault_host_code = BUS_ADRALN;
	return false;
}

static u64 in_order(u32 mem, u64 v)
{
	return mem & MEM_BE ? swap64(v) >> (64 - (8u << (mem & MEM_SIZE))) : v;
}

static bool load(void *env, u64 va, u32 mem, u64 *ret_v)
{
	struct vcpu *cpu = env;

	if (!is_aligned(cpu, va, mem))
		return false;
	if (!guest_load(va, mem & MEM_SIZE, ret_v))
		return faulted(cpu);
	*ret_v = in_order(mem, *ret_v);
	return true;
}

static bool store(void *env, u64 va, u32 mem, u64 v)
{
	struct vcpu *cpu = env;

	if (!is_aligned(cpu, va, mem))
		return false;
	return guest_store(va, mem & MEM_SIZE, in_order(mem, v)) || faulted(cpu);
}

/* What an atomic operation stores; both values zero-extended. */
static u64 amo_result(enum ir_amo kind, u32 bits, u64 old, u64 v)
{
	i64 signed_old = sign_extend(old, bits), signed_v = sign_extend(v, bits);

	switch (kind) {
	case AMO_SWAP: return v;
	case AMO_ADD: return (old + v) & bits_mask(bits);
	case AMO_AND: return old & v;
	case AMO_OR: return old | v;
	case AMO_XOR: return old ^ v;
	case AMO_MINS: return signed_old < signed_v ? old : v;
	case AMO_MAXS: return signed_old > signed_v ? old : v;
	case AMO_MINU: return old < v ? old : v;
	case AMO_MAXU: return old > v ? old : v;
	case AMO_MAX: break;
	}
	assert(!"an atomic operation");
	return 0;
}

static bool amo(void *env, enum ir_amo kind, u64 va, u32 mem, u64 v, u64 *ret_old)
{
	struct vcpu *cpu = env;
	u32 size = mem & MEM_SIZE, bits = 8u << size;
	u64 expected, seen;

	if (!is_aligned(cpu, va, mem))
		return false;
	if (!guest_load(va, size, &seen))
		return faulted(cpu);
	do {
		expected = seen;
		if (!guest_cas(va, size, expected, in_order(mem, amo_result(kind, bits, in_order(mem, expected), v)),
			       &seen))
			return faulted(cpu);
	} while (seen != expected);
	*ret_old = in_order(mem, seen);
	return true;
}

static bool compare_and_swap(void *env, u64 va, u32 mem, u64 expected, u64 v, u64 *ret_old)
{
	struct vcpu *cpu = env;

	if (!is_aligned(cpu, va, mem))
		return false;
	if (!guest_cas(va, mem & MEM_SIZE, in_order(mem, expected), in_order(mem, v), ret_old))
		return faulted(cpu);
	*ret_old = in_order(mem, *ret_old);
	return true;
}

static bool load_vector(void *env, u64 va, union ir_vec *ret_v)
{
	return guest_load16(va, ret_v->d) || faulted(env);
}

static bool store_vector(void *env, u64 va, const union ir_vec *v)
{
	return guest_store16(va, v->d) || faulted(env);
}

static bool kicked(void *env)
{
	struct vcpu *cpu = env;

	return __atomic_load_n(&cpu->exit_request, __ATOMIC_ACQUIRE) != 0;
}

static const struct ir_machine machine = {
	.load = load,
	.store = store,
	.amo = amo,
	.cas = compare_and_swap,
	.vload = load_vector,
	.vstore = store_vector,
	.kicked = kicked,
	.fp_flags_offset = offsetof(struct vcpu, fp_flags),
	.excl_addr_offset = offsetof(struct vcpu, excl_addr),
	.excl_val_offset = offsetof(struct vcpu, excl_val),
	.pc_offset = offsetof(struct vcpu, pc),
};

/* ---- blocks ---- */

static u32 page_bit(gva va)
{
	return (u32)(va >> PAGE_BITS) % CODE_PAGES;
}

/* Pairs with touches_code(): either that sees the bit, or we read memory as it was changed to. */
static void mark_page(gva va)
{
	u32 bit = page_bit(va);

	__atomic_fetch_or(&code_pages[bit / 64], 1ull << bit % 64, __ATOMIC_SEQ_CST);
}

static bool touches_code(gva start, u64 len)
{
	u64 pages = (len >> PAGE_BITS) + 2;

	__sync_synchronize();
	if (pages >= CODE_PAGES)
		return true;
	for (u64 i = 0; i < pages; i++) {
		u32 bit = page_bit(start + (i << PAGE_BITS));

		if (__atomic_load_n(&code_pages[bit / 64], __ATOMIC_SEQ_CST) & 1ull << bit % 64)
			return true;
	}
	return false;
}

static void interp_invalidate(gva start, u64 len)
{
	if (touches_code(start, len))
		__atomic_fetch_add(&epoch, 1, __ATOMIC_SEQ_CST);
}

static void interp_flush_code(gva start, u64 len)
{
	if (touches_code(start, len))
		__atomic_fetch_add(&fence_epoch, 1, __ATOMIC_SEQ_CST);
}

static u64 now(const u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_SEQ_CST);
}

static bool is_current(const struct block *b, const struct vcpu *cpu)
{
	return b->ir && b->pc == cpu->pc && b->mode == cpu->mode && b->epoch == now(&epoch) &&
	       (!b->writable || b->fence_epoch == now(&fence_epoch));
}

/* t without spare room. */
static struct ir *compact(const struct ir *t)
{
	size_t ins = t->n * sizeof *t->ins, konst = t->konst_count * sizeof *t->konst;
	u8 *p = xcalloc(1, sizeof *t + ins + konst);
	struct ir *copy = memcpy(p, t, sizeof *t);

	copy->ins = memcpy(p + sizeof *t, t->ins, ins);
	copy->konst = memcpy(p + sizeof *t + ins, t->konst, konst);
	return copy;
}
_Static_assert(sizeof(struct ir) % 8 == 0 && sizeof(struct ir_ins) == 16, "arrays behind it are aligned");

/* The block at cpu->pc, or NULL: a fetch fault. */
static const struct ir *find_block(struct vcpu *cpu)
{
	struct interp_vcpu *a = area(cpu);
	struct block *b = &a->blocks[(cpu->pc >> 1) % BLOCKS];
	struct jit_built built;
	u64 was, fence_was;

	if (likely(is_current(b, cpu)))
		return b->ir;
	mark_page(cpu->pc);
	mark_page(cpu->pc + (1u << PAGE_BITS));
	was = now(&epoch);
	fence_was = now(&fence_epoch);
	if (jit_build_ir(a->ir, cpu, cpu->pc, one_insn ? 1 : JIT_INSNS_MAX, NULL, NULL, &built) < 0)
		return NULL;
	free(b->ir);
	*b = (struct block){ .ir = compact(a->ir), .pc = cpu->pc, .epoch = was, .fence_epoch = fence_was,
			     .mode = cpu->mode, .writable = built.writable };
	return b->ir;
}

/* ---- running ---- */

static void log_enter(const struct vcpu *cpu)
{
	log_item(LOG_EXEC, "exec %u: 0x%llx, mode 0x%x\n", cpu->index, (unsigned long long)cpu->pc, cpu->mode);
	if (log_enabled(LOG_CPU))
		target_log_regs(cpu);
}

/* EXIT_NONE: go on at cpu->pc. */
static enum vcpu_exit run_block(struct vcpu *cpu, const struct ir *t)
{
	u32 aux = 0;
	u64 pc = cpu->pc;
	enum ir_stop stop;

	if (log_enabled(LOG_EXEC | LOG_CPU))
		log_enter(cpu);
	stop = ir_interp(t, &machine, cpu, &pc, &aux);
	cpu->pc = pc;
	switch (stop) {
	case STOP_GOTO: case STOP_JUMP: return EXIT_NONE;
	case STOP_RAISE: return (enum vcpu_exit)aux;
	case STOP_KICK: return EXIT_KICK;
	case STOP_FAULT: return EXIT_FAULT;
	}
	assert(!"a reason to stop");
	return EXIT_NONE;
}

static enum vcpu_exit step(struct vcpu *cpu)
{
	struct jit_built built;
	enum vcpu_exit r;

	if (kicked(cpu))
		return EXIT_KICK;
	if (jit_build_ir(area(cpu)->ir, cpu, cpu->pc, 1, NULL, NULL, &built) < 0)
		return EXIT_FAULT;
	r = run_block(cpu, area(cpu)->ir);
	return r ? r : EXIT_DEBUG;
}

static enum vcpu_exit run(struct vcpu *cpu)
{
	enum vcpu_exit r = EXIT_NONE;

	/* flags that the host's arithmetic or vcpu_fp_flags_set left in mxcsr belong in the byte */
	cpu->fp_flags = vcpu_fp_flags(cpu);
	cpu->mxcsr &= ~0x3fu;
	if (unlikely(cpu->singlestep))
		return step(cpu);
	while (!r) {
		const struct ir *t;

		if (kicked(cpu))
			return EXIT_KICK;
		t = find_block(cpu);
		if (!t)
			return EXIT_FAULT;
		r = run_block(cpu, t);
	}
	return r;
}

static enum vcpu_exit interp_exec(struct vcpu *cpu)
{
	sigjmp_buf raise_to;
	enum vcpu_exit r;

	cpu->raise_to = &raise_to;
	if (sigsetjmp(raise_to, 0)) {
		r = (enum vcpu_exit)vcpu_current->exit_code;
	} else {
		cpu->in_exec = true;
		r = run(cpu);
	}
	vcpu_current->in_exec = false;
	return r;
}

/* ---- the record ---- */

static int interp_init(const struct accel_config *cfg, struct error *err)
{
	one_insn = cfg->one_insn;
	return 0;
}

static void interp_vcpu_init(struct vcpu *cpu)
{
	*area(cpu) = (struct interp_vcpu){ .ir = ir_new(), .blocks = xcalloc(BLOCKS, sizeof(struct block)) };
}

static void interp_vcpu_done(struct vcpu *cpu)
{
	struct interp_vcpu *a = area(cpu);

	for (u32 i = 0; a->blocks && i < BLOCKS; i++)
		free(a->blocks[i].ir);
	free(a->blocks);
	ir_free(a->ir);
	*a = (struct interp_vcpu){ 0 };
}

/* Guest memory is touched only by mem/guest.c, whose faults the handler mends itself. */
static bool interp_fault(struct vcpu *cpu, ucontext_t *uc, enum vcpu_exit exit)
{
	return false;
}

static bool interp_owns_pc(u64 host_pc)
{
	return false;
}

/* The tables are ordinary memory: a forked child has its own copy. */
static void interp_fork(void)
{
}

static void interp_fork_child(struct vcpu *self)
{
}

ACCEL_RECORD(interp) = {
	.name = "interp",
	.help = "interpret guest code: slow, needs no executable memory",
	.vcpu_area = sizeof(struct interp_vcpu),
	.init = interp_init,
	.create_vcpu = cpu_own_vcpu,
	.vcpu_init = interp_vcpu_init,
	.vcpu_done = interp_vcpu_done,
	.exec = interp_exec,
	.invalidate = interp_invalidate,
	.flush_code = interp_flush_code,
	.fault = interp_fault,
	.owns_pc = interp_owns_pc,
	.fork_prepare = interp_fork,
	.fork_parent = interp_fork,
	.fork_child = interp_fork_child,
};
