/* Runs pieces of AArch64 code, each from a state of its own, and writes what
 * came out: the guest side of tests/step.
 *
 *	arm64 CASES > RESULTS
 *
 * A case is a struct step_case below, a result a struct step_result.  State goes
 * in and comes out through a signal's frame: each piece ends in a BRK, whose
 * handler notes the registers, puts the next piece and its registers in place and
 * returns into it.  Faults of a piece end it in the same way.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { WORDS = 8, DATA_BYTES = 8192 };
#define DATA_AT 0x10000000ul
#define BRK 0xd4200000u

struct state {
	uint64_t x[31], sp, nzcv, fpcr, fpsr;
	uint64_t v[64];
};
struct step_case {
	uint32_t code[WORDS];	/* 0 ends it early */
	struct state in;
	uint64_t data_seed;
};
struct step_result {
	struct state out;
	uint64_t pc, sig, code, addr, data_hash;
};

static struct step_case *cases;
static size_t count, now;
static uint32_t *page;
static uint8_t *data;

static uint64_t next_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static struct fpsimd_context *fpsimd(ucontext_t *uc)
{
	return (struct fpsimd_context *)uc->uc_mcontext.__reserved;
}

static void put(const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		ssize_t done = write(1, at, n);

		if (done <= 0)
			_exit(2);
		at += done;
		n -= (size_t)done;
	}
}

static void note(int sig, const siginfo_t *info, ucontext_t *uc)
{
	struct step_result r = { 0 };
	uint64_t h = 0x9e3779b97f4a7c15u;

	memcpy(r.out.x, uc->uc_mcontext.regs, sizeof r.out.x);
	r.out.sp = uc->uc_mcontext.sp;
	r.out.nzcv = uc->uc_mcontext.pstate >> 28;
	r.out.fpcr = fpsimd(uc)->fpcr;
	r.out.fpsr = fpsimd(uc)->fpsr;
	memcpy(r.out.v, fpsimd(uc)->vregs, sizeof r.out.v);
	r.pc = uc->uc_mcontext.pc - (uint64_t)page;
	r.sig = (uint64_t)sig;
	if (sig == SIGSEGV || sig == SIGBUS) {
		r.code = (uint64_t)info->si_code;
		r.addr = (uint64_t)info->si_addr;
	}
	for (size_t i = 0; i < DATA_BYTES; i += 8) {
		uint64_t w;

		memcpy(&w, data + i, 8);
		h = (h ^ w) * 0x100000001b3u;
		h ^= h >> 29;
	}
	r.data_hash = h;
	put(&r, sizeof r);
}

static void begin(ucontext_t *uc)
{
	struct step_case *c = &cases[now++];
	uint64_t seed = c->data_seed | 1;
	size_t n = 0;

	for (size_t i = 0; i < DATA_BYTES; i += 8) {
		uint64_t w = next_random(&seed);

		memcpy(data + i, &w, 8);
	}
	for (; n < WORDS && c->code[n]; n++)
		page[16 + n] = c->code[n];
	for (; n < 2 * WORDS; n++)
		page[16 + n] = BRK;
	__builtin___clear_cache((char *)page, (char *)(page + 64));
	memcpy(uc->uc_mcontext.regs, c->in.x, sizeof c->in.x);
	uc->uc_mcontext.sp = c->in.sp;
	uc->uc_mcontext.pc = (uint64_t)(page + 16);
	uc->uc_mcontext.pstate = c->in.nzcv << 28;
	fpsimd(uc)->fpcr = (uint32_t)c->in.fpcr;
	fpsimd(uc)->fpsr = (uint32_t)c->in.fpsr;
	memcpy(fpsimd(uc)->vregs, c->in.v, sizeof c->in.v);
}

static void handler(int sig, siginfo_t *info, void *context)
{
	if (now)
		note(sig, info, context);
	if (now == count)
		_exit(0);
	begin(context);
}

int main(int argc, char **argv)
{
	static char stack[1 << 16];
	static const int signals[] = { SIGTRAP, SIGILL, SIGSEGV, SIGBUS, SIGFPE };
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof stack };
	FILE *f = fopen(argv[argc - 1], "rb");

	if (!f)
		return 2;
	fseek(f, 0, SEEK_END);
	count = (size_t)ftell(f) / sizeof *cases;
	rewind(f);
	cases = malloc(count * sizeof *cases);
	if (fread(cases, sizeof *cases, count, f) != count)
		return 2;
	page = mmap((void *)0x20000000, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	data = mmap((void *)DATA_AT, DATA_BYTES, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	for (size_t i = 0; i < 1024; i++)
		page[i] = BRK;
	sigaltstack(&ss, NULL);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &sa, NULL);
	__asm__ volatile("brk #0");
	return 3;
}
