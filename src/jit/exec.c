/* The run loop: find a block fast (the jump table, inside translated code) or
 * slow (block_find), else translate it; run it and all that is chained to it;
 * look why it came back.
 *
 * A vCPU that asks for one instruction (single step) runs a block that is in no
 * table and is linked to nothing.
 *
 * A direct exit that is not linked comes back with its number; it is linked to
 * the block found for it.  An indirect one comes back when its target is not
 * in the vCPU's jump table; it is put there.
 *
 * When code memory is full, the vCPU leaves execution, stops all others and
 * gives up a chunk (core.h: life of a block).
 *
 * Thread: the vCPU's own; jit_fault and jit_owns_pc in its signal handlers.
 */
#include "jit/core.h"
#include "host/cpu.h"
#include "base/log.h"
#include <stdlib.h>

struct jit_vcpu *jit_vcpu(struct vcpu *cpu)
{
	return (void *)(cpu->accel_area + align_up(jit.host->area_size, 64));
}

static void start_host(const struct target *target)
{
	struct error err = { 0 };
	struct jit_span at = { jit.rw, jit.rx, 64 * KiB, 0 };

	if (jit.host->init(target, &err) < 0)
		panic("%s", err.text);
	jit.start = (u32)align_up(jit.host->trampolines(&at), 64);
	if (jit.perf)
		perf_code(jit.rx, jit.rw, jit.start, "trampolines");
	cache_begin();
	jit.host_ready = true;
}

int jit_start(const struct jit_host *host, const struct accel_config *cfg, struct error *err)
{
	int r;

	jit.host = host;
	jit.one_insn = cfg->one_insn;
	assert(align_up(host->area_size, 64) + sizeof(struct jit_vcpu) <= JIT_VCPU_AREA);
	r = cache_init(cfg->tb_size, err);
	if (r < 0)
		return r;
	jit.stats = getenv("MIMUS_JIT_STATS") != NULL;
	return perf_init(cfg, err);
}

int jit_init(const struct accel_config *cfg, struct error *err)
{
	if (host_cpu_level() < 3)
		return fail(err, ENOTSUP, "this processor lacks AVX2, BMI2 or FMA, which the translator "
			    "needs: use -accel interp");
	return jit_start(&jit_x64, cfg, err);
}

void jit_vcpu_init(struct vcpu *cpu)
{
	jit_lock();
	if (!jit.host_ready) {
		start_host(cpu->target);
		/* entries are spread over it; further threads may be many and short */
		cache_populate(cpu->accel_area, jit.host->area_size);
	}
	jit_unlock();
	jit.host->vcpu_init(cpu);
	*jit_vcpu(cpu) = (struct jit_vcpu){ .ir = ir_new(), .mode = cpu->mode };
}

void jit_vcpu_done(struct vcpu *cpu)
{
	ir_free(jit_vcpu(cpu)->ir);
	jit_vcpu(cpu)->ir = NULL;
}

/* Give up a chunk, unless somebody did since `fills` was read.  Blocks that the caller knows are gone after this. */
static void make_room(struct vcpu *cpu, u32 fills)
{
	vcpu_exec_end(cpu);
	vcpu_exclusive_start();
	jit_lock();
	if (fills == jit.fills)
		cache_evict();
	jit_unlock();
	vcpu_exclusive_end();
	vcpu_exec_start(cpu);
}

/* A LIVE block at cpu->pc, found, rechecked or translated: 0 or -EFAULT.  *ret_moved: blocks known before are gone. */
static int get_block(struct vcpu *cpu, struct jit_block **ret, bool *ret_moved)
{
	int r = 0;

	for (;;) {
		struct jit_block *b = block_find(cpu->pc, cpu->mode);
		u32 fills = __atomic_load_n(&jit.fills, __ATOMIC_ACQUIRE);

		if (!b)
			r = translate(cpu, false, &b);
		if (r == -EAGAIN) {
			make_room(cpu, fills);
			*ret_moved = true;
			r = 0;
			continue;
		}
		if (r < 0)
			return r;
		if (block_flags(b) & BLOCK_STALE && !block_recheck(cpu, b))
			continue;
		*ret = b;
		return 0;
	}
}

/* Remember b for indirect jumps.  A block that is cut off at the same time is either seen here or sees our entry
 * (block_flags_set, then jump_clear, in invalidate.c). */
static void remember(struct vcpu *cpu, const struct jit_block *b)
{
	jit.host->jump_set(cpu, b->pc, block_code(b));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (unlikely(block_flags(b) & (BLOCK_STALE | BLOCK_DROPPED))) {
		jit_lock();
		jit.host->jump_clear(cpu, b->pc);
		jit_unlock();
	}
}

/* A direct exit that was taken. */
struct exit {
	const struct jit_block *from;
	u32 link;
};

static void connect(const struct exit *e, struct jit_block *to)
{
	jit_lock();
	link_make(e->from, e->link, to);
	jit_unlock();
}

static bool exit_wanted(const struct vcpu *cpu)
{
	return __atomic_load_n(&cpu->exit_request, __ATOMIC_ACQUIRE) != 0;
}

/* Which link's stub is it whose code ends at rx address `end`? */
static struct exit exit_of_stub(u64 end)
{
	u32 off = (u32)(end - jit.rx) - 1;
	const struct jit_block *b = block_at(off);

	for (u32 i = b->link_count; i--;)
		if (link_stub(b, b->links + i) <= off)
			return (struct exit){ b, b->links + i };
	panic("no link at host pc 0x%llx", (unsigned long long)end);
}

/* Take a direct exit: sets pc. */
static struct exit follow(struct vcpu *cpu, u64 result)
{
	struct exit e = exit_of_stub(result);

	cpu->pc = e.from->pc + (u64)(i64)jit.link[e.link].target;
	return e;
}

/* A cold exit to the run loop leaves its own address in pc; its point tells the guest's. */
static enum vcpu_exit leave(struct vcpu *cpu, u64 result)
{
	u32 off = (u32)(cpu->pc - jit.rx) - 1;

	if (jit_owns_pc(cpu->pc))
		cpu->pc = guest_pc(block_at(off), off);
	return (enum vcpu_exit)result;
}

/* Exactly one instruction, not kept ("execute once without caching it"). */
static enum vcpu_exit exec_nocache(struct vcpu *cpu)
{
	struct jit_block *b;
	u64 r;
	int failed;

	if (exit_wanted(cpu))
		return EXIT_KICK;
	for (;;) {
		u32 fills = __atomic_load_n(&jit.fills, __ATOMIC_ACQUIRE);

		failed = translate(cpu, true, &b);
		if (failed != -EAGAIN)
			break;
		make_room(cpu, fills);
	}
	if (failed)
		return EXIT_FAULT;
	/* a jump must not find its target and go on */
	jit.host->jump_flush(cpu);
	if (log_enabled(LOG_EXEC | LOG_CPU))
		log_enter(cpu, b);
	r = jit.host->enter(cpu, block_code(b));
	if (r >= JIT_EXIT_LINK)
		follow(cpu, r);
	return r == JIT_EXIT_LOOKUP || r >= JIT_EXIT_LINK ? EXIT_DEBUG : leave(cpu, r);
}

enum how { HOW_START, HOW_LINK, HOW_LOOKUP };

static enum vcpu_exit run(struct vcpu *cpu)
{
	enum how how = HOW_START;
	struct exit taken = { 0 };

	if (cpu->mode != jit_vcpu(cpu)->mode) {
		jit.host->jump_flush(cpu);
		jit_vcpu(cpu)->mode = cpu->mode;
	}
	if (unlikely(cpu->singlestep))
		return exec_nocache(cpu);
	while (!exit_wanted(cpu)) {
		struct jit_block *b;
		bool moved = false;
		u64 r;

		if (get_block(cpu, &b, &moved) < 0)
			return EXIT_FAULT;
		if (how != HOW_START && !moved && !log_enabled(LOG_NOCHAIN)) {
			if (how == HOW_LINK)
				connect(&taken, b);
			else
				remember(cpu, b);
		}
		if (log_enabled(LOG_EXEC | LOG_CPU))
			log_enter(cpu, b);
		r = jit.host->enter(cpu, block_code(b));
		if (r == JIT_EXIT_LOOKUP) {
			how = HOW_LOOKUP;
			if (jit.stats)
				__atomic_fetch_add(&jit.count.lookups, 1, __ATOMIC_RELAXED);
		} else if (r >= JIT_EXIT_LINK) {
			how = HOW_LINK;
			taken = follow(cpu, r);
		} else {
			return leave(cpu, r);
		}
	}
	return EXIT_KICK;
}

enum vcpu_exit jit_exec(struct vcpu *cpu)
{
	sigjmp_buf raise_to;
	enum vcpu_exit r;

	cpu->raise_to = &raise_to;
	if (sigsetjmp(raise_to, 0)) {
		host_fp_default();	/* the guest's control was in force; it and its flags are in cpu->mxcsr */
		r = (enum vcpu_exit)vcpu_current->exit_code;
	} else {
		cpu->in_exec = true;
		r = run(cpu);
	}
	vcpu_current->in_exec = false;
	return r;
}

/* ---- signal handlers ---- */

bool jit_owns_pc(u64 host_pc)
{
	return host_pc - jit.rx < jit.size;
}

bool jit_fault(struct vcpu *cpu, ucontext_t *uc, enum vcpu_exit exit)
{
	u64 off = (u64)uc->uc_mcontext.gregs[REG_RIP] - jit.rx;
	struct jit_pend pend;
	bool has_pend;
	struct jit_block *b;

	if (off >= jit.size)
		return false;
	b = block_at((u32)off);
	if (!b || (u32)off - b->hot >= b->hot_len)
		return false;	/* trampolines and cold code touch no guest memory */
	cpu->pc = b->pc + notes_find(b, (u32)off - b->hot, &pend, &has_pend);
	jit.host->unwind(cpu, uc, has_pend ? &pend : NULL, has_pend && pend.kick ? EXIT_KICK : exit);
	return true;
}
