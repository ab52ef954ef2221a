/* The interpreter as an accelerator, and with it jit/frontend.c, with a toy
 * guest: exits, faults, requests, single steps, code that changes, instructions
 * that cross into a page that is not there.
 *
 * A toy instruction is an operation and two registers, two bytes; with bit 7 of
 * the operation it has a signed 16-bit number, four bytes.  Guest addresses are
 * host addresses; what can be fetched is what `prot` says.
 */
#include "base/bits.h"
#include "cpu/accel.h"
#include "cpu/target.h"
#include "ir/ir.h"
#include "jit/frontend.h"
#include "mem/guest.h"
#include "../unit.h"
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

extern const struct accel accel_interp;

enum toy { MOVE = 1, SYS, FENCE, JR, HELP, LL, SC, AMO, FLAGS, ADDI = 0x80, LD, ST, BNE, JMP };
enum { REGS = 16, PAGES = 8, PAGE = 4096 };

#define R(n) { "r" #n, VCPU_STATE_OFFSET + 8 * n, IR_I64 }
static const struct ir_slot slots[REGS] = {
	{ NULL, 0, IR_NONE }, R(1), R(2), R(3), R(4), R(5), R(6), R(7), R(8), R(9), R(10), R(11), R(12), R(13), R(14),
	R(15),
};
static const u16 no_homes[] = { 0 };
static u32 translated;	/* instructions */

HELPER(toy_help, HELPER_READS | HELPER_FAULTS)
{
	struct vcpu *cpu = vcpu;

	if (a > 100)
		vcpu_raise(cpu, EXIT_FPE);
	return cpu->state[1] + a;
}

static u32 toy_translate(struct ir *t, const u8 *bytes, u32 avail)
{
	u32 op = avail ? bytes[0] : 0, len = op & 0x80 ? 4 : 2, a, b;
	u64 pc = t->pc;
	ir_ref va, vb;
	i64 imm = 0;

	if (avail < len)
		return 0;
	translated++;
	a = bytes[1] & 15;
	b = bytes[1] >> 4;
	if (len == 4)
		imm = (i16)get_le16(bytes + 2);
	ir_insn(t, pc, len);
	va = ir_get(t, a ? a : 1);
	vb = b ? ir_get(t, b) : ir_imm(t, 0);
	switch (op) {
	case MOVE: ir_put(t, a, vb); break;
	case SYS: ir_raise(t, EXIT_SYSCALL, pc); break;
	case FENCE: ir_raise(t, EXIT_FLUSH_CODE, t->next_pc); break;
	case JR: ir_jump(t, va, JUMP_PLAIN); break;
	case HELP: ir_put(t, a, ir_call(t, &helper_toy_help, IR_I64, vb, 0, 0)); break;
	case LL: ir_put(t, a, ir_ll(t, vb, MEM_S32 | MEM_ALIGNED)); break;
	case SC: ir_put(t, a, ir_sc(t, vb, ir_get(t, 15), MEM_S32 | MEM_ALIGNED)); break;
	case AMO: ir_put(t, a, ir_amo(t, AMO_MAXS, vb, ir_get(t, 15), MEM_S32 | MEM_ALIGNED)); break;
	case FLAGS:
		ir_put(t, a, ir_fflags_get(t));
		ir_fflags_set(t, vb);
		break;
	case ADDI: ir_put(t, a, ir_add(t, vb, ir_imm(t, imm))); break;
	case LD: ir_put(t, a, ir_load(t, IR_I64, ir_add(t, vb, ir_imm(t, imm)), MEM_64)); break;
	case ST: ir_store(t, ir_add(t, vb, ir_imm(t, imm)), va, MEM_64); break;
	case BNE: ir_branch(t, CC_NE, va, vb, pc + (u64)imm); break;
	case JMP: ir_goto(t, pc + (u64)imm); break;
	default: ir_raise(t, EXIT_ILLEGAL, pc);
	}
	return len;
}

static u32 toy_disassemble(const void *model, u64 pc, const u8 *bytes, u32 avail, char *buf, size_t size)
{
	return 0;
}

static void toy_reset(struct vcpu *cpu) {}
static u32 toy_zero(const struct vcpu *cpu) { return 0; }

static const struct target toy = {
	.name = "toy", .page_bits = 12, .va_bits = 47, .insn_align = 2, .insn_max = 4, .state_size = 8 * REGS,
	.slots = slots, .slot_count = REGS, .homes = no_homes, .fp_homes = no_homes, .fp = &fp_rules_riscv,
	.reset = toy_reset, .mode = toy_zero, .fp_rm = toy_zero, .translate = toy_translate,
	.disassemble = toy_disassemble,
};

static u8 *ram;
static int prot[PAGES];
static u8 *at;		/* where emit() writes */
static struct vcpu *cpu;

static u32 toy_fetch(struct vcpu *c, gva pc, u8 *buf, u32 len, bool *ret_writable)
{
	u32 done = 0;

	for (*ret_writable = false; done < len; done++) {
		u64 off = pc + done - (u64)(uintptr_t)ram;

		if (off >= PAGES * PAGE || !(prot[off / PAGE] & PROT_EXEC)) {
			c->fault_host_code = SEGV_ACCERR;
			break;
		}
		*ret_writable |= (prot[off / PAGE] & PROT_WRITE) != 0;
		buf[done] = ram[off];
	}
	return done;
}

static const struct guest_code_source source = { toy_fetch };

static u64 va_of(u32 off)
{
	return (u64)(uintptr_t)ram + off;
}

static void emit(enum toy op, u32 a, u32 b, i32 imm)
{
	*at++ = (u8)op;
	*at++ = (u8)(a | b << 4);
	if (op & 0x80) {
		put_le16(at, (u16)imm);
		at += 2;
	}
}

static void on_fault(int sig, siginfo_t *info, void *uc)
{
	if (!guest_fixup_signal(uc, info))
		_exit(99);
}

static int setup(void **state)
{
	struct accel_config cfg = { 0 };
	struct error err;

	ram = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(ram, MAP_FAILED);
	for (u32 i = 0; i < PAGES; i++)
		prot[i] = PROT_READ | PROT_EXEC;
	at = ram;
	guest_code = &source;
	assert_int_equal(accel_interp.init(&cfg, &err), 0);
	cpu = vcpu_new(&toy, &accel_interp, NULL);
	vcpu_list_add(cpu);
	vcpu_current = cpu;
	cpu->pc = va_of(0);
	translated = 0;
	return 0;
}

static int teardown(void **state)
{
	vcpu_current = NULL;
	vcpu_free(cpu);
	munmap(ram, PAGES * PAGE);
	accel_interp.invalidate(0, ~0ull);
	return 0;
}

static enum vcpu_exit go(void)
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO }, was;
	enum vcpu_exit r;

	sigaction(SIGSEGV, &act, &was);	/* cmocka has one of its own */
	vcpu_exec_start(cpu);
	r = cpu->accel->exec(cpu);
	vcpu_exec_end(cpu);
	sigaction(SIGSEGV, &was, NULL);
	assert_false(cpu->in_exec);
	return r;
}

static void loop_and_system_call(void **state)
{
	emit(ADDI, 1, 0, 1000);
	emit(ADDI, 2, 2, 3);
	emit(ADDI, 1, 1, -1);
	emit(BNE, 1, 3, -8);
	emit(SYS, 0, 0, 0);
	assert_int_equal(go(), EXIT_SYSCALL);
	assert_int_equal(cpu->pc, va_of(16));
	assert_int_equal(cpu->state[2], 3000);
	assert_true(translated < 20);	/* kept, not made again */
}

static void requests(void **state)
{
	emit(ADDI, 2, 2, 1);
	emit(JMP, 0, 0, 0);	/* to itself */
	vcpu_kick(cpu);
	assert_int_equal(go(), EXIT_KICK);
	assert_int_equal(cpu->pc, va_of(0));
	assert_int_equal(cpu->state[2], 0);
}

static void *kick_later(void *arg)
{
	struct timespec wait = { .tv_nsec = 20000000 };

	nanosleep(&wait, NULL);
	vcpu_kick(cpu);
	return NULL;
}

static void request_ends_a_loop(void **state)
{
	pthread_t thread;

	emit(ADDI, 2, 2, 1);
	emit(JMP, 0, 0, -4);
	assert_int_equal(pthread_create(&thread, NULL, kick_later, NULL), 0);
	assert_int_equal(go(), EXIT_KICK);
	pthread_join(thread, NULL);
	assert_true(cpu->state[2] > 0);
	assert_true(cpu->pc == va_of(0) || cpu->pc == va_of(4));
}

static void faults(void **state)
{
	emit(ADDI, 2, 0, 7);
	emit(LD, 3, 1, 8);
	emit(SYS, 0, 0, 0);
	cpu->state[1] = 0x1000;
	cpu->state[3] = 5;
	assert_int_equal(go(), EXIT_FAULT);
	assert_int_equal(cpu->pc, va_of(4));
	assert_int_equal(cpu->fault_addr, 0x1008);
	assert_int_equal(cpu->fault_access, ACCESS_READ);
	assert_int_equal(cpu->fault_host_signal, SIGSEGV);
	assert_int_equal(cpu->fault_host_code, SEGV_MAPERR);
	assert_int_equal(cpu->state[2], 7);
	assert_int_equal(cpu->state[3], 5);
	/* a store to read-only memory, across into it */
	assert_int_equal(mprotect(ram + 4 * PAGE, PAGE, PROT_READ), 0);
	at = ram + PAGE;
	emit(ST, 2, 1, 0);
	cpu->pc = va_of(PAGE);
	cpu->state[1] = va_of(4 * PAGE - 4);
	assert_int_equal(go(), EXIT_FAULT);
	assert_int_equal(cpu->fault_access, ACCESS_WRITE);
	assert_int_equal(cpu->fault_addr, va_of(4 * PAGE));
	assert_int_equal(cpu->fault_host_code, SEGV_ACCERR);
	assert_int_equal(cpu->pc, va_of(PAGE));
}

static void single_steps(void **state)
{
	emit(ADDI, 2, 0, 7);
	emit(BNE, 2, 0, 8);
	emit(SYS, 0, 0, 0);
	emit(SYS, 0, 0, 0);
	emit(SYS, 0, 0, 0);
	cpu->singlestep = 1;
	assert_int_equal(go(), EXIT_DEBUG);
	assert_int_equal(cpu->pc, va_of(4));
	assert_int_equal(cpu->state[2], 7);
	assert_int_equal(go(), EXIT_DEBUG);
	assert_int_equal(cpu->pc, va_of(12));
	assert_int_equal(go(), EXIT_SYSCALL);
}

static void helpers_raise(void **state)
{
	emit(ADDI, 1, 0, 30);
	emit(HELP, 2, 1, 0);
	emit(HELP, 3, 2, 0);
	emit(ADDI, 1, 0, 101);
	emit(HELP, 4, 1, 0);
	emit(SYS, 0, 0, 0);
	cpu->state[4] = 1;
	assert_int_equal(go(), EXIT_FPE);
	assert_int_equal(cpu->pc, va_of(12));
	assert_int_equal(cpu->state[2], 60);
	assert_int_equal(cpu->state[3], 90);
	assert_int_equal(cpu->state[4], 1);
	assert_int_equal(cpu->state[1], 101);
}

static void atomics(void **state)
{
	u8 *word = ram + 5 * PAGE;

	put_le32(word, 0xfffffff0);
	emit(AMO, 2, 1, 0);	/* max(-16, 5) */
	emit(SC, 3, 1, 0);
	emit(LL, 4, 1, 0);
	emit(ADDI, 15, 15, 1);
	emit(SC, 5, 1, 0);
	emit(ADDI, 1, 1, 2);
	emit(SC, 6, 1, 0);	/* misaligned */
	cpu->state[1] = va_of(5 * PAGE);
	cpu->state[15] = 5;
	cpu->excl_addr = ~0ull;
	assert_int_equal(go(), EXIT_FAULT);
	assert_int_equal(cpu->state[2], (u64)-16);
	assert_int_equal(cpu->state[3], 1);
	assert_int_equal(cpu->state[4], 5);
	assert_int_equal(cpu->state[5], 0);
	assert_int_equal(get_le32(word), 6);
	assert_int_equal(cpu->fault_host_signal, SIGBUS);
	assert_int_equal(cpu->fault_host_code, BUS_ADRALN);
	assert_int_equal(cpu->fault_addr, va_of(5 * PAGE + 2));
}

static void flags_in_both_places(void **state)
{
	emit(FLAGS, 2, 1, 0);
	emit(SYS, 0, 0, 0);
	vcpu_fp_flags_set(cpu, FP_NV | FP_OF);
	cpu->state[1] = FP_NX;
	assert_int_equal(go(), EXIT_SYSCALL);
	assert_int_equal(cpu->state[2], FP_NV | FP_OF);
	assert_int_equal(vcpu_fp_flags(cpu), FP_NX);
}

static void run_value(u64 want)
{
	cpu->pc = va_of(0);
	assert_int_equal(go(), EXIT_SYSCALL);
	assert_int_equal(cpu->state[2], want);
}

static void changing_code(void **state)
{
	u32 made;

	prot[0] |= PROT_WRITE;
	emit(ADDI, 2, 0, 1);
	emit(SYS, 0, 0, 0);
	run_value(1);
	at = ram;
	emit(ADDI, 2, 0, 2);
	run_value(1);			/* not seen yet */
	accel_interp.flush_code(0, ~0ull);
	run_value(2);
	made = translated;
	accel_interp.invalidate(va_of(6 * PAGE), PAGE);	/* no code there */
	run_value(2);
	assert_int_equal(translated, made);
	at = ram;
	emit(ADDI, 2, 0, 3);
	accel_interp.invalidate(va_of(2), 1);
	run_value(3);
	/* code that nobody can write is not looked at again for a fence */
	prot[0] = PROT_READ | PROT_EXEC;
	accel_interp.invalidate(va_of(0), PAGE);
	run_value(3);
	made = translated;
	accel_interp.flush_code(0, ~0ull);
	run_value(3);
	assert_int_equal(translated, made);
	assert_int_equal(go(), EXIT_SYSCALL);
}

/* ---- the front end ---- */

static void crossing_pages(void **state)
{
	u32 off = PAGE - 6;

	at = ram + off;
	emit(ADDI, 2, 0, 9);
	emit(ADDI, 3, 0, 8);	/* two bytes here, two on the next page */
	emit(SYS, 0, 0, 0);
	cpu->pc = va_of(off);
	assert_int_equal(go(), EXIT_SYSCALL);
	assert_int_equal(cpu->state[3], 8);
	assert_int_equal(cpu->pc, va_of(PAGE + 2));
	/* the next page cannot be fetched: the instruction before it runs, then the fault is there */
	prot[1] = PROT_READ;
	accel_interp.invalidate(va_of(PAGE), PAGE);
	cpu->state[2] = cpu->state[3] = 0;
	cpu->pc = va_of(off);
	assert_int_equal(go(), EXIT_FAULT);
	assert_int_equal(cpu->state[2], 9);
	assert_int_equal(cpu->state[3], 0);
	assert_int_equal(cpu->pc, va_of(PAGE - 2));
	assert_int_equal(cpu->fault_addr, va_of(PAGE));
	assert_int_equal(cpu->fault_access, ACCESS_FETCH);
	assert_int_equal(cpu->fault_host_signal, SIGSEGV);
	assert_int_equal(cpu->fault_host_code, SEGV_ACCERR);
	/* it stays so until the page is there, then it runs: nothing was kept of the fault */
	assert_int_equal(go(), EXIT_FAULT);
	prot[1] = PROT_READ | PROT_EXEC;
	assert_int_equal(go(), EXIT_SYSCALL);
	assert_int_equal(cpu->state[3], 8);
	/* nothing there at all */
	cpu->pc = va_of(0) - 2;
	assert_int_equal(go(), EXIT_FAULT);
	assert_int_equal(cpu->fault_addr, va_of(0) - 2);
}

static u64 stop_there(void *opaque, u64 pc)
{
	return pc == *(u64 *)opaque ? 0 : 1;
}

static void block_limits(void **state)
{
	struct ir *t = ir_new();
	struct jit_built built;
	u64 stop = va_of(40);

	for (u32 i = 0; i < PAGE / 4 + 8; i++)
		emit(ADDI, 2, 2, 1);
	assert_int_equal(jit_build_ir(t, cpu, va_of(0), JIT_INSNS_MAX, NULL, NULL, &built), 0);
	assert_int_equal(built.insns, JIT_INSNS_MAX);
	assert_int_equal(built.len, JIT_INSNS_MAX * 4);
	assert_false(built.writable);
	assert_memory_equal(built.bytes, ram, built.len);
	assert_null(ir_verify(t));
	assert_int_equal(t->ins[t->n - 1].op, IR_GOTO);
	assert_int_equal(t->ins[t->n - 1].imm, JIT_INSNS_MAX * 4);
	assert_int_equal(jit_build_ir(t, cpu, va_of(0), 3, NULL, NULL, &built), 0);
	assert_int_equal(built.insns, 3);
	assert_int_equal(jit_build_ir(t, cpu, va_of(0), JIT_INSNS_MAX, stop_there, &stop, &built), 0);
	assert_int_equal(built.insns, 10);
	assert_int_equal(jit_build_ir(t, cpu, va_of(40), JIT_INSNS_MAX, stop_there, &stop, &built), 0);
	assert_int_equal(built.insns, JIT_INSNS_MAX);	/* not asked about its first */
	/* ends with the page; what is writable on the next one does not count */
	prot[1] |= PROT_WRITE;
	assert_int_equal(jit_build_ir(t, cpu, va_of(PAGE - 20), JIT_INSNS_MAX, NULL, NULL, &built), 0);
	assert_int_equal(built.insns, 5);
	assert_false(built.writable);
	assert_int_equal(jit_build_ir(t, cpu, va_of(PAGE), JIT_INSNS_MAX, NULL, NULL, &built), 0);
	assert_true(built.writable);
	ir_free(t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loop_and_system_call), TEST(requests), TEST(request_ends_a_loop), TEST(faults), TEST(single_steps),
		TEST(helpers_raise), TEST(atomics), TEST(flags_in_both_places), TEST(changing_code),
		TEST(crossing_pages), TEST(block_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
