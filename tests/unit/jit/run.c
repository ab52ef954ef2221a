/* The translator as a whole, with a toy guest of ten instructions: running,
 * faults, kicks, code that changes, a cache that is too small, threads, fork.
 *
 * A toy instruction is four bytes: operation, register, register, signed byte.
 * Guest memory is ours at its host addresses; pages are what `prot` says.
 */
#include "cpu/target.h"
#include "ir/ir.h"
#include "jit/core.h"
#include "../unit.h"
#include <pthread.h>
#include <signal.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern const struct accel accel_tcg;

enum toy { ADDI, ADD, BNE, JMP, JR, SYS, LD, ST, FENCE, JAL };
enum { REGS = 14, INSN = 4 };

/* ---- the guest ---- */

#define R(n) { "r" #n, offsetof(struct vcpu, state) + 8 * n, IR_I64 }
static const struct ir_slot slots[REGS + 1] = {
	{ NULL, 0, IR_NONE }, R(1), R(2), R(3), R(4), R(5), R(6), R(7), R(8), R(9), R(10), R(11), R(12), R(13), R(14),
};
static const u16 homes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0 };
static const u16 no_homes[] = { 0 };

static u32 toy_translate(struct ir *t, const u8 *bytes, u32 avail)
{
	u32 a = bytes[1], b = bytes[2];
	i64 imm = (i8)bytes[3];
	u64 pc = t->pc, to = pc + (u64)(imm * INSN);

	if (avail < INSN)
		return 0;
	ir_insn(t, pc, INSN);
	switch (bytes[0]) {
	case ADDI: ir_put(t, a, ir_add(t, ir_get(t, b), ir_imm(t, imm))); break;
	case ADD: ir_put(t, a, ir_add(t, ir_get(t, a), ir_get(t, b))); break;
	case BNE: ir_branch(t, CC_NE, ir_get(t, a), ir_get(t, b), to); break;
	case JMP: ir_goto(t, to); break;
	case JAL:
		ir_put(t, a, ir_imm(t, (i64)(pc + INSN)));
		ir_goto(t, to);
		break;
	case JR: ir_jump(t, ir_get(t, a), JUMP_PLAIN); break;
	case SYS: ir_raise(t, EXIT_SYSCALL, pc); break;
	case LD: ir_put(t, a, ir_load(t, IR_I64, ir_add(t, ir_get(t, b), ir_imm(t, imm)), MEM_64)); break;
	case ST: ir_store(t, ir_add(t, ir_get(t, b), ir_imm(t, imm)), ir_get(t, a), MEM_64); break;
	case FENCE: ir_raise(t, EXIT_FLUSH_CODE, pc + INSN); break;
	default: ir_raise(t, EXIT_ILLEGAL, pc);
	}
	return INSN;
}

static u32 toy_disassemble(const void *model, u64 pc, const u8 *bytes, u32 avail, char *buf, size_t size)
{
	buf[0] = 0;
	return INSN;
}

static void toy_reset(struct vcpu *cpu) {}
static u32 toy_mode(const struct vcpu *cpu) { return 0; }
static u32 toy_rm(const struct vcpu *cpu) { return 0; }

static const struct target toy = {
	.name = "toy", .page_bits = 12, .va_bits = 48, .insn_align = INSN, .insn_max = INSN,
	.state_size = 8 * (REGS + 1), .slots = slots, .slot_count = REGS + 1, .homes = homes, .fp_homes = no_homes,
	.fp = &fp_rules_riscv, .reset = toy_reset, .mode = toy_mode, .fp_rm = toy_rm, .translate = toy_translate,
	.disassemble = toy_disassemble,
};

enum { PAGES = 64, PAGE = 4096 };
static u8 *ram;		/* PAGES of guest code and data */
static u8 prot[PAGES];	/* PROT_*; atomic */

static u32 toy_fetch(struct vcpu *cpu, gva pc, u8 *buf, u32 len, bool *ret_writable)
{
	u32 done = 0;

	*ret_writable = false;
	while (done < len) {
		u64 off = pc + done - (u64)(uintptr_t)ram;
		u32 p = off < PAGES * PAGE ? __atomic_load_n(&prot[off / PAGE], __ATOMIC_ACQUIRE) : 0;

		if (!(p & PROT_EXEC))
			break;
		*ret_writable |= (p & PROT_WRITE) != 0;
		buf[done++] = __atomic_load_n(&ram[off], __ATOMIC_RELAXED);
	}
	return done;
}

static const struct guest_code_source source = { toy_fetch };

static void put(u32 at, enum toy op, u32 a, u32 b, i32 imm)
{
	u32 word = (u32)op | a << 8 | b << 16 | (u32)(u8)imm << 24;

	__atomic_store_n((u32 *)(void *)(ram + at * INSN), word, __ATOMIC_RELEASE);
}

static u64 pc_of(u32 at)
{
	return (u64)(uintptr_t)ram + at * INSN;
}

static u64 *reg(struct vcpu *cpu, u32 n)
{
	return &cpu->state[n];
}

/* ---- running it ---- */

static _Thread_local struct vcpu *mine;

static void on_segv(int sig, siginfo_t *info, void *uc)
{
	if (!mine || !accel_tcg.fault(mine, uc, EXIT_FAULT)) {
		signal(SIGSEGV, SIG_DFL);
		return;
	}
	mine->fault_addr = (u64)(uintptr_t)info->si_addr;
}

static void once(void)
{
	static bool done;
	struct accel_config cfg = { .tb_size = JIT_TB_SIZE_MIN };
	struct error err;

	if (done)
		return;
	done = true;
	ram = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(ram != MAP_FAILED);
	guest_code = &source;
	assert_int_equal(accel_tcg.init(&cfg, &err), 0);
}

static struct vcpu *start(u32 at)
{
	struct sigaction sa = { .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_NODEFER };
	struct vcpu *cpu;

	once();
	sigaction(SIGSEGV, &sa, NULL);	/* cmocka has its own around each test */
	cpu = vcpu_new(&toy, &accel_tcg, NULL);
	cpu->pc = pc_of(at);
	vcpu_list_add(cpu);
	vcpu_current = mine = cpu;
	return cpu;
}

static void stop(struct vcpu *cpu)
{
	vcpu_list_remove(cpu);
	vcpu_free(cpu);
	vcpu_current = mine = NULL;
}

static enum vcpu_exit go(struct vcpu *cpu)
{
	enum vcpu_exit r;

	vcpu_exec_start(cpu);
	r = accel_tcg.exec(cpu);
	vcpu_exec_end(cpu);
	return r;
}

/* Through the kicks of exclusive sections. */
static enum vcpu_exit go_on(struct vcpu *cpu)
{
	enum vcpu_exit r;

	while ((r = go(cpu)) == EXIT_KICK)
		cpu->exit_request = 0;
	return r;
}

static int clean(void **state)
{
	once();
	memset(ram, 0xff, PAGES * PAGE);
	memset(prot, PROT_READ | PROT_WRITE | PROT_EXEC, PAGES);
	accel_tcg.invalidate((u64)(uintptr_t)ram, PAGES * PAGE);
	return 0;
}

/* ---- tests ---- */

/* r1 = sum of 1..r2 */
static void put_loop(void)
{
	put(0, ADD, 1, 2, 0);
	put(1, ADDI, 2, 2, -1);
	put(2, BNE, 2, 3, -2);
	put(3, SYS, 0, 0, 0);
}

static void loop_and_calls(void **state)
{
	struct vcpu *cpu = start(0);

	put_loop();
	*reg(cpu, 2) = 1000;
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	assert_int_equal(*reg(cpu, 1), 500500);
	assert_int_equal(cpu->pc, pc_of(3));
	/* call 20 three times through r14, which has no home */
	put(10, JAL, 14, 0, 10);
	put(11, JAL, 14, 0, 9);
	put(12, JAL, 14, 0, 8);
	put(13, SYS, 0, 0, 0);
	put(20, ADDI, 13, 13, 5);
	put(21, JR, 14, 0, 0);
	cpu->pc = pc_of(10);
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	assert_int_equal(*reg(cpu, 13), 15);
	assert_int_equal(cpu->pc, pc_of(13));
	/* illegal, and fetch from nowhere */
	cpu->pc = pc_of(100);
	assert_int_equal(go(cpu), EXIT_ILLEGAL);
	cpu->pc = 0x1000;
	assert_int_equal(go(cpu), EXIT_FAULT);
	assert_int_equal(cpu->fault_access, ACCESS_FETCH);
	assert_int_equal(cpu->fault_addr, 0x1000);
	assert_int_equal(cpu->pc, 0x1000);
	stop(cpu);
}

static void blocks_stop_where_code_begins(void **state)
{
	struct vcpu *cpu = start(5);
	struct jit_stats before, after;

	for (u32 i = 0; i < 10; i++)
		put(i, ADDI, 1, 1, 1);
	put(10, SYS, 0, 0, 0);
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	jit_stats(&before);
	cpu->pc = pc_of(0);
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	jit_stats(&after);
	assert_int_equal(after.blocks - before.blocks, 1);
	assert_int_equal(after.guest_insns - before.guest_insns, 5);
	assert_int_equal(*reg(cpu, 1), 15);
	stop(cpu);
}

static void faults_are_exact(void **state)
{
	struct vcpu *cpu = start(0);

	for (u32 i = 0; i < 60; i += 3) {
		put(i, ADDI, 1, 1, 1);
		put(i + 1, LD, 4, 5, (i32)i);
		put(i + 2, ADDI, 5, 6, 0);
	}
	put(60, SYS, 0, 0, 0);
	/* r5 good for the first access; then r6: bad from there */
	*reg(cpu, 5) = pc_of(0);
	*reg(cpu, 6) = 0x123;
	assert_int_equal(go(cpu), EXIT_FAULT);
	assert_int_equal(cpu->pc, pc_of(4));
	assert_int_equal(*reg(cpu, 1), 2);
	assert_int_equal(cpu->fault_addr, 0x123 + 3);
	/* go on behind it with a good address: all of it runs */
	*reg(cpu, 5) = *reg(cpu, 6) = pc_of(0);
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	assert_int_equal(*reg(cpu, 1), 20);
	/* a store */
	put(70, ADDI, 7, 7, 9);
	put(71, ST, 7, 8, 0);
	cpu->pc = pc_of(70);
	*reg(cpu, 8) = 0x10;
	assert_int_equal(go(cpu), EXIT_FAULT);
	assert_int_equal(cpu->pc, pc_of(71));
	assert_int_equal(*reg(cpu, 7), 9);
	stop(cpu);
}

static void single_steps(void **state)
{
	struct vcpu *cpu = start(0);
	u32 steps = 0;

	put_loop();
	put(3, JR, 9, 0, 0);
	*reg(cpu, 2) = 5;
	*reg(cpu, 9) = pc_of(8);
	put(8, SYS, 0, 0, 0);
	cpu->singlestep = 1;
	while (cpu->pc != pc_of(8)) {
		u64 pc = cpu->pc;

		assert_int_equal(go(cpu), EXIT_DEBUG);
		assert_true(cpu->pc == pc + INSN || pc == pc_of(2) || pc == pc_of(3));
		steps++;
	}
	assert_int_equal(steps, 16);
	assert_int_equal(*reg(cpu, 1), 15);
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	stop(cpu);
}

static void *kicker(void *cpu)
{
	usleep(20000);
	vcpu_kick(cpu);
	return NULL;
}

static void endless_loops_take_kicks(void **state)
{
	struct vcpu *cpu = start(0);
	pthread_t thread;

	/* by direct jump; by indirect jump; by straight recursion through both */
	put(0, JMP, 0, 0, 0);
	put(10, JR, 9, 0, 0);
	put(20, JAL, 9, 0, 1);
	put(21, JR, 8, 0, 0);
	*reg(cpu, 9) = pc_of(10);
	*reg(cpu, 8) = pc_of(20);
	for (u32 at = 0; at <= 20; at += 10) {
		cpu->pc = pc_of(at);
		pthread_create(&thread, NULL, kicker, cpu);
		assert_int_equal(go(cpu), EXIT_KICK);
		pthread_join(thread, NULL);
		assert_int_equal(go(cpu), EXIT_KICK);	/* until it is taken back */
		cpu->exit_request = 0;
	}
	stop(cpu);
}

/* Code at 0 calls 20 through a link and 30 through r9; both are changed and flushed in different ways. */
static void changed_code(void **state)
{
	struct vcpu *cpu = start(0);
	struct jit_stats before, after;

	put(0, JAL, 14, 0, 20);
	put(1, JMP, 0, 0, 1);
	put(2, JAL, 14, 0, 1);
	put(3, JR, 9, 0, 0);
	put(20, ADDI, 1, 1, 1);
	put(21, JR, 14, 0, 0);
	put(30, SYS, 0, 0, 0);
	*reg(cpu, 9) = pc_of(30);
	for (i32 i = 1; i < 60; i++) {
		u64 sum = *reg(cpu, 1);

		put(20, ADDI, 1, 1, i);
		if (i % 2)
			accel_tcg.flush_code(pc_of(20) + (i % 3) * INSN / 2, 1);
		else
			accel_tcg.flush_code(0, ~0ull);
		cpu->pc = pc_of(0);
		assert_int_equal(go(cpu), EXIT_SYSCALL);
		assert_int_equal(*reg(cpu, 1), sum + (u64)i);
		cpu->pc = pc_of(0);
		assert_int_equal(go(cpu), EXIT_SYSCALL);
		assert_int_equal(*reg(cpu, 1), sum + 2 * (u64)i);
	}
	/* nothing changed: nothing is translated again */
	jit_stats(&before);
	accel_tcg.flush_code(0, ~0ull);
	accel_tcg.flush_code(pc_of(0), 4096);
	cpu->pc = pc_of(0);
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	jit_stats(&after);
	assert_int_equal(after.blocks, before.blocks);
	assert_true(after.rechecked > before.rechecked);
	/* gone: fetch faults, in the middle of a chain too */
	prot[0] = PROT_READ;
	accel_tcg.invalidate(pc_of(0), 4096);
	cpu->pc = pc_of(0);
	assert_int_equal(go(cpu), EXIT_FAULT);
	assert_int_equal(cpu->fault_addr, pc_of(0));
	/* read-only code is not looked at by fences */
	prot[0] = PROT_READ | PROT_EXEC;
	cpu->pc = pc_of(0);
	*reg(cpu, 1) = 0;
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	assert_int_equal(*reg(cpu, 1), 59);
	jit_stats(&before);
	accel_tcg.flush_code(0, ~0ull);
	cpu->pc = pc_of(0);
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	jit_stats(&after);
	assert_int_equal(after.rechecked, before.rechecked);
	stop(cpu);
}

/* A writable page that is no longer executable when its block is to be compared. */
static void stale_block_that_cannot_be_fetched(void **state)
{
	struct vcpu *cpu = start(0);

	put_loop();
	*reg(cpu, 2) = 3;
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	accel_tcg.flush_code(0, ~0ull);
	prot[0] = PROT_READ | PROT_WRITE;
	cpu->pc = pc_of(0);
	assert_int_equal(go(cpu), EXIT_FAULT);
	stop(cpu);
}

/* A guest that writes the same code again and again: right each time, and one chunk is enough for ever. */
static void regenerated_code(void **state)
{
	struct vcpu *cpu = start(0);
	u32 fills, unused = 0;

	for (u32 i = 2000; i < 12000; i++)	/* other code from writable memory */
		put(i, i % 4 == 3 ? JMP : ADDI, 3, 3, 1);
	put(12000, SYS, 0, 0, 0);
	cpu->pc = pc_of(2000);
	assert_int_equal(go_on(cpu), EXIT_SYSCALL);
	put(9, SYS, 0, 0, 0);
	for (u32 i = 0; i < 30000; i++) {
		for (u32 k = 0; k < 9; k++)
			put(k, ADDI, 1, k ? 1 : 14, (i32)(i >> k % 8) & 63);
		if (i % 256)
			accel_tcg.flush_code(pc_of(0), 9 * INSN);
		else
			accel_tcg.flush_code(0, ~0ull);
		cpu->pc = pc_of(0);
		assert_int_equal(go_on(cpu), EXIT_SYSCALL);
		assert_int_equal(*reg(cpu, 1), (i & 63) + (i >> 1 & 63) + (i >> 2 & 63) + (i >> 3 & 63) +
			(i >> 4 & 63) + (i >> 5 & 63) + (i >> 6 & 63) + (i >> 7 & 63) + (i & 63));
		if (i == 15000)
			fills = jit.fills;
	}
	assert_true(jit.fills > fills);
	for (u32 c = 0; c < jit.chunk_count; c++)
		unused += !jit.chunk[c].since;
	assert_true(unused);
	stop(cpu);
}

enum { BIG = PAGES * PAGE / INSN - 2 };

/* A program of 65,000 instructions in pieces of 3, each jumping far away: more host code than the cache holds. */
static void put_big(void)
{
	for (u32 i = 0; i < BIG; i++)
		put(i, ADDI, 1 + i % 13, 1 + i % 13, 1);
	for (u32 i = 8; i + 40 < BIG; i += 16)
		put(i, JMP, 0, 0, 1);
	put(BIG, SYS, 0, 0, 0);
}

static u64 sum(struct vcpu *cpu)
{
	u64 s = 0;

	for (u32 n = 1; n <= REGS; n++) {
		s += *reg(cpu, n);
		*reg(cpu, n) = 0;
	}
	return s;
}

static u64 big_sum(void)
{
	u64 n = BIG;

	for (u32 i = 8; i + 40 < BIG; i += 16)
		n--;
	return n;
}

static void cache_too_small(void **state)
{
	struct vcpu *cpu = start(0);
	struct jit_stats s;

	put_big();
	for (u32 round = 0; round < 5; round++) {
		cpu->pc = pc_of(0);
		assert_int_equal(go_on(cpu), EXIT_SYSCALL);
		assert_int_equal(sum(cpu), big_sum());
	}
	jit_stats(&s);
	assert_true(s.evictions > 8);
	stop(cpu);
}

/* ---- threads ---- */

enum { THREADS = 4 };
static _Atomic u32 version, stop_all;
static _Atomic u64 checked;

/* Runs the big program and the little one at 0 until told to stop.  The little one returns a version number: never one
 * from before the version that was published when it began. */
static void *runner(void *arg)
{
	struct vcpu *cpu = start(0);

	while (!stop_all) {
		u32 before = version;

		cpu->pc = pc_of(0);
		*reg(cpu, 1) = 0;
		go_on(cpu);
		assert(*reg(cpu, 1) >= before && *reg(cpu, 1) <= version + 1u);
		cpu->pc = pc_of(1000 + (u32)(checked++ % 64) * 1000);
		go_on(cpu);
		assert(cpu->pc == pc_of(BIG));
	}
	stop(cpu);
	return NULL;
}

static void threads_see_changes(void **state)
{
	pthread_t thread[THREADS];

	put_big();
	put(0, ADDI, 1, 14, 0);		/* r14 is always 0 */
	put(1, SYS, 0, 0, 0);
	for (u32 i = 1000; i < BIG; i += 4)
		if ((ram + i * INSN)[1] == 14 || (ram + i * INSN)[1] == 1)
			put(i, ADDI, 2, 2, 1);
	for (u32 i = 0; i < BIG; i++)
		assert_true((ram + i * INSN)[1] != 14);
	accel_tcg.flush_code(0, ~0ull);
	version = stop_all = 0;
	checked = 0;
	for (u32 i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, runner, NULL);
	for (u32 v = 1; v < 120; v++) {
		put(0, ADDI, 1, 14, (i32)v);
		if (v % 3)
			accel_tcg.flush_code(pc_of(0), INSN);
		else
			accel_tcg.invalidate(pc_of(0), v % 2 ? INSN : PAGE);
		version = v;
		usleep(3000);
	}
	stop_all = 1;
	for (u32 i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	assert_true(checked > 0);
}

/* ---- fork ---- */

static void fork_once(void)
{
	struct vcpu *cpu = start(0);
	int status;
	pid_t pid;

	put_loop();
	*reg(cpu, 2) = 10;
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	accel_tcg.fork_prepare();
	pid = fork();
	if (!pid) {
		vcpu_list_after_fork(cpu);
		accel_tcg.fork_child(cpu);
		/* old code runs, new code is made, nothing of it reaches the parent */
		*reg(cpu, 1) = 0;
		*reg(cpu, 2) = 100;
		cpu->pc = pc_of(0);
		if (go(cpu) != EXIT_SYSCALL || *reg(cpu, 1) != 5050)
			_exit(1);
		accel_tcg.invalidate(pc_of(0), PAGES * PAGE);
		put_big();
		for (u32 i = 0; i < 2; i++) {
			sum(cpu);
			cpu->pc = pc_of(0);
			if (go_on(cpu) != EXIT_SYSCALL || sum(cpu) != big_sum())
				_exit(2);
		}
		_exit(42);
	}
	accel_tcg.fork_parent();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
	*reg(cpu, 1) = 0;
	*reg(cpu, 2) = 1000;
	cpu->pc = pc_of(0);
	assert_int_equal(go(cpu), EXIT_SYSCALL);
	assert_int_equal(*reg(cpu, 1), 500500);
	stop(cpu);
}

static void forks_have_their_own_code(void **state)
{
	fork_once();
}

/* The copy is then made without a file. */
static void forks_under_a_file_size_limit(void **state)
{
	struct rlimit old, low;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = old;
	low.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	fork_once();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(loop_and_calls, clean),
		cmocka_unit_test_setup(blocks_stop_where_code_begins, clean),
		cmocka_unit_test_setup(faults_are_exact, clean),
		cmocka_unit_test_setup(single_steps, clean),
		cmocka_unit_test_setup(endless_loops_take_kicks, clean),
		cmocka_unit_test_setup(changed_code, clean),
		cmocka_unit_test_setup(stale_block_that_cannot_be_fetched, clean),
		cmocka_unit_test_setup(regenerated_code, clean),
		cmocka_unit_test_setup(cache_too_small, clean),
		cmocka_unit_test_setup(threads_see_changes, clean),
		cmocka_unit_test_setup(forks_have_their_own_code, clean),
		cmocka_unit_test_setup(forks_under_a_file_size_limit, clean),
	};

	return cmocka_run_group_tests_name("jit/run", tests, NULL, NULL);
}
