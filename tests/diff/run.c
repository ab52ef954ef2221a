/* A state through an accelerator: guest memory, host signals, the run loop.
 *
 * Data pages are mapped at DATA_AT in the guest; code is not mapped at all but
 * comes from the case through guest_code.  SIGSEGV and SIGBUS are handled as
 * user mode does it.  Some cases are kicked whenever new code is fetched, and go
 * on; a timer of CPU time kicks a vCPU that has run for three ticks: a case
 * that does not end is no case.  Any other fault ends the program with the line
 * to repeat it.  One thread.
 */
#include "diff.h"
#include "base/bits.h"
#include "cpu/cpu.h"
#include "mem/guest.h"
#include "obj/module.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

enum { TICK_USEC = 4000, TICKS_MAX = 3, KICKS_MAX = 10, X86_WRITE = 2 };

struct diff_run run;
static const struct diff_case *current;
static volatile u32 busy_ticks;
static volatile bool busy;
static volatile bool wild;
static u32 kicks; /* by fetch, in this run */

/* ---- code and data ---- */

static u32 fetch(struct vcpu *cpu, gva pc, u8 *buf, u32 len, bool *ret_writable)
{
	u64 off = pc - current->pc;

	if (off >= current->len) {
		cpu->fault_host_signal = SIGSEGV;
		cpu->fault_host_code = SEGV_MAPERR;
		return 0;
	}
	if (len > current->len - off)
		len = (u32)(current->len - off);
	memcpy(buf, current->code + off, len);
	if (current->kick && cpu == run.b && kicks < KICKS_MAX) {
		kicks++;
		vcpu_kick(cpu);
	}
	*ret_writable = current->writable;
	return len;
}

static const struct guest_code_source source = { fetch };

static int map_data(struct error *err)
{
	u8 *p = guest_ptr(DATA_AT), *got;

	got = mmap(p, DATA_BYTES + 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (got != p)
		return fail(err, errno, "cannot map guest memory at %p: %s", (void *)p,
			    strerror(errno));
	for (u32 i = 0; i < 4096; i += 8) {
		u64 v = rom_word(i);

		memcpy(p + DATA_BYTES + i, &v, 8);
	}
	if (mprotect(p + DATA_BYTES, 4096, PROT_READ) < 0)
		return fail(err, errno, "mprotect: %s", strerror(errno));
	return 0;
}

/* ---- signals ---- */

static void write_number(u64 v)
{
	char buf[19] = "0x";

	for (u32 i = 0; i < 16; i++)
		buf[2 + i] = "0123456789abcdef"[v >> (60 - 4 * i) & 15];
	(void)!write(2, buf, 18);
}

static void die(int sig)
{
	static const char crash[] = "diff: crashed in the case of --case ";

	(void)!write(2, crash, sizeof crash - 1);
	write_number(current ? current->seed : 0);
	(void)!write(2, "\n", 1);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	struct vcpu *cpu = vcpu_current;

	if (guest_fixup_signal(uc, info))
		return;
	if (cpu && cpu->in_exec) {
		wild = info->si_code == SI_KERNEL;
		cpu->fault_addr = wild ? 0 : (u64)info->si_addr - guest_base;
		cpu->fault_access = uc->uc_mcontext.gregs[REG_ERR] & X86_WRITE && !wild
					? ACCESS_WRITE
					: ACCESS_READ;
		cpu->fault_host_signal = (u8)sig;
		cpu->fault_host_code = (u8)info->si_code;
		if (cpu->accel->fault(cpu, uc, EXIT_FAULT))
			return;
	}
	die(sig);
}

static void on_tick(int sig)
{
	if (!busy) {
		busy_ticks = 0;
	} else if (++busy_ticks >= TICKS_MAX && vcpu_current) {
		vcpu_kick(vcpu_current);
	}
}

static void install_signals(void)
{
	static const int fatal[] = { SIGILL, SIGFPE, SIGABRT, SIGTRAP };
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };
	struct itimerval tick = { { 0, TICK_USEC }, { 0, TICK_USEC } };

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	sa = (struct sigaction){ .sa_handler = on_tick, .sa_flags = SA_RESTART };
	sigaction(SIGVTALRM, &sa, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(fatal); i++)
		signal(fatal[i], die);
	setitimer(ITIMER_VIRTUAL, &tick, NULL);
}

/* ---- vCPUs ---- */

static int make_vcpu(const char *name, struct vcpu **ret, struct error *err)
{
	static const struct accel_config cfg = {
		.tb_size = MiB
	}; /* so that code memory is reused often */
	const struct accel *accel = accel_find(name);
	int r;

	if (!accel)
		return fail(err, ENOENT, "there is no accelerator '%s'", name);
	r = accel->init(&cfg, err);
	if (r < 0)
		return r;
	*ret = vcpu_new(run.target, accel, run.model);
	return 0;
}

int run_choose(const char *cpu, struct error *err)
{
	static struct cpu *made;	/* its model is in use to the end */
	int r;

	if (made)
		object_free(&made->object);
	made = NULL;
	r = cpu_new(run.target, cpu, &made, err);
	if (r < 0)
		return r;
	run.model = cpu_model(made, err);
	if (!run.model)
		return -err->code;
	run.features = *(const u64 *)run.model; /* first in every model */
	return 0;
}

int run_start(const struct diff_guest *guest, const char *cpu, const char *accel_a,
	      const char *accel_b, struct error *err)
{
	int r;

	guest_code = &source;
	guest_va_end = (1ull << 47) - guest_base;
	run.guest = guest;
	run.target = target_find(guest->target);
	assert(run.target && run.target->state_size <= STATE_WORDS * 8);
	module_call_init(MODULE_QOM);
	r = run_choose(cpu, err);
	if (r < 0)
		return r;
	r = map_data(err);
	if (r < 0)
		return r;
	install_signals();
	r = make_vcpu(accel_a, &run.a, err);
	if (r == 0)
		r = make_vcpu(accel_b, &run.b, err);
	/* not both: an accelerator takes all vCPUs on the list for its own */
	if (r == 0)
		vcpu_list_add(run.b);
	return r;
}

void run_end(void)
{
	vcpu_free(run.a);
	vcpu_free(run.b);
}

/* The floating-point mode of registers that were just written. */
static void take_mode(struct vcpu *cpu)
{
	cpu->mode = cpu->target->mode(cpu);
	vcpu_fp_rm_set(cpu, cpu->target->fp_rm(cpu));
}

static void put_state(struct vcpu *cpu, const struct diff_case *c, const struct diff_state *s)
{
	memcpy(cpu->state, s->words, run.target->state_size);
	memcpy(guest_ptr(DATA_AT), s->data, DATA_BYTES);
	cpu->pc = c->pc;
	cpu->excl_addr = s->excl_addr;
	cpu->excl_val = s->excl_val;
	cpu->exit_request = 0;
	cpu->fault_addr = 0;
	cpu->fault_access = cpu->fault_host_code = cpu->fault_host_signal = 0;
	vcpu_fp_flags_set(cpu, s->fflags);
	if ((s->fflags & 3) == 3) { /* some wait in the host's register: NX and UF */
		cpu->fp_flags &= (u8)~3u;
		cpu->mxcsr |= 3u << 4;
	}
	take_mode(cpu);
}

static void get_state(struct vcpu *cpu, struct diff_result *ret)
{
	memset(ret->end.words, 0, sizeof ret->end.words);
	memcpy(ret->end.words, cpu->state, run.target->state_size);
	memcpy(ret->end.data, guest_ptr(DATA_AT), DATA_BYTES);
	ret->end.excl_addr = cpu->excl_addr;
	ret->end.excl_val = cpu->excl_val;
	ret->end.fflags = vcpu_fp_flags(cpu);
	ret->pc = cpu->pc;
	if (ret->exit == EXIT_FAULT) {
		ret->fault_addr = cpu->fault_addr;
		ret->fault_access = cpu->fault_access;
		ret->fault_code = cpu->fault_host_code;
		ret->fault_signal = cpu->fault_host_signal;
		ret->wild = wild;
		ret->any_access = run.guest->any_access(current, cpu->pc);
	}
}

/* Not the end of the run: states between instructions that must not matter. */
static bool goes_on(const struct vcpu *cpu, enum vcpu_exit e)
{
	return e == EXIT_MODE || e == EXIT_FLUSH_CODE || (e == EXIT_DEBUG && cpu->singlestep) ||
	       (e == EXIT_KICK && busy_ticks < TICKS_MAX);
}

void run_state(struct vcpu *cpu, const struct diff_case *c, const struct diff_state *s,
	       struct diff_result *ret)
{
	enum vcpu_exit e;

	current = c;
	put_state(cpu, c, s);
	ret->fault_addr = 0;
	ret->fault_access = ret->fault_code = ret->fault_signal = 0;
	ret->wild = ret->endless = false;
	ret->flushes = ret->modes = 0;
	wild = false;
	kicks = 0;
	cpu->singlestep = c->step && cpu == run.b;
	vcpu_current = cpu;
	busy_ticks = 0;
	busy = true;
	do {
		vcpu_exec_start(cpu);
		e = cpu->accel->exec(cpu);
		vcpu_exec_end(cpu);
		if (e == EXIT_MODE) {
			take_mode(cpu);
			ret->modes++;
		} else if (e == EXIT_FLUSH_CODE) {
			cpu->accel->flush_code(0, ~0ull);
			ret->flushes++;
		} else if (e == EXIT_KICK && busy_ticks < TICKS_MAX) {
			cpu->exit_request = 0;
		}
	} while (goes_on(cpu, e));
	busy = false;
	vcpu_current = NULL;
	ret->exit = e;
	ret->endless = e == EXIT_KICK;
	get_state(cpu, ret);
}

void run_forget(const struct diff_case *c)
{
	run.a->accel->invalidate(c->pc, c->len + 4);
	run.b->accel->invalidate(c->pc, c->len + 4);
}

/* ---- comparing ---- */

const char *word_name(u32 word)
{
	for (u32 i = 1; i < run.target->slot_count; i++)
		if (run.target->slots[i].offset == VCPU_STATE_OFFSET + word * 8)
			return run.target->slots[i].name;
	return "?";
}

const char *exit_name(enum vcpu_exit e)
{
	static const char *const names[EXIT_MAX] = {
		[EXIT_NONE] = "none",
		[EXIT_KICK] = "kick",
		[EXIT_SYSCALL] = "system call",
		[EXIT_ILLEGAL] = "illegal",
		[EXIT_BREAK] = "break",
		[EXIT_FAULT] = "fault",
		[EXIT_FPE] = "fpe",
		[EXIT_MODE] = "mode",
		[EXIT_FLUSH_CODE] = "flush code",
		[EXIT_DEBUG] = "debug",
	};

	return (u32)e < EXIT_MAX ? names[e] : "?";
}

static bool differ(struct str *s, const char *name, u64 a, u64 b)
{
	if (a == b)
		return false;
	str_add(s, "  %-12s %016llx  %016llx\n", name, (unsigned long long)a,
		(unsigned long long)b);
	return true;
}

static bool fault_equal(const struct diff_result *a, const struct diff_result *b, struct str *s)
{
	bool bad = false;

	if (a->exit != EXIT_FAULT || a->wild || b->wild)
		return true;
	bad |= differ(s, "fault addr", a->fault_addr, b->fault_addr);
	if (!a->any_access)
		bad |= differ(s, "fault access", a->fault_access, b->fault_access);
	bad |= differ(s, "fault code", a->fault_code, b->fault_code);
	bad |= differ(s, "fault signal", a->fault_signal, b->fault_signal);
	return !bad;
}

bool results_equal(const struct diff_result *a, const struct diff_result *b, struct str *s)
{
	bool bad = false;

	if (a->exit != b->exit) {
		str_add(s, "  exit         %-16s  %s\n", exit_name(a->exit), exit_name(b->exit));
		bad = true;
	}
	bad |= differ(s, "pc", a->pc, b->pc);
	for (u32 i = 0; i < STATE_WORDS; i++)
		bad |= differ(s, word_name(i), a->end.words[i], b->end.words[i]);
	bad |= differ(s, "flags", a->end.fflags, b->end.fflags);
	/* Whether a conditional store that faults ends the reservation is open, and how the value
	 * is kept. */
	if (a->exit != EXIT_FAULT)
		bad |= differ(s, "excl addr", a->end.excl_addr, b->end.excl_addr);
	if (!bad)
		bad |= !fault_equal(a, b, s);
	if (!memcmp(a->end.data, b->end.data, DATA_BYTES))
		return !bad;
	for (u32 i = 0; i < DATA_BYTES; i += 8) {
		char name[24];
		struct str at = STR(name);

		str_add(&at, "[%x]", (u32)DATA_AT + i);
		differ(s, name, get_le64(a->end.data + i), get_le64(b->end.data + i));
	}
	return false;
}

enum verdict compare_case(const struct diff_case *c, u32 *ret_state, struct str *text)
{
	static struct diff_state s;
	static struct diff_result a, b;
	enum verdict v = SAME;

	for (u32 n = 0; n < c->states && v == SAME; n++) {
		*ret_state = n;
		run.guest->state(c, n, &s);
		run_state(run.a, c, &s, &a);
		if (a.endless) {
			v = ENDLESS;
			break;
		}
		/* With a base, translated code may reach our own memory by addresses past the guest's. */
		if (guest_base && a.exit == EXIT_FAULT && a.fault_addr >= guest_va_end)
			continue;
		run_state(run.b, c, &s, &b);
		if (!results_equal(&a, &b, text))
			v = DIFFERENT;
	}
	run_forget(c);
	return v;
}
