/* Faults as signals: codes, addresses, registers in the frame, resuming, retrying, stack overflow, unwinding.
 * flags: -O1 -fasynchronous-unwind-tables
 */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unwind.h>

#ifdef __aarch64__
#define ADDRESS_BITS (~0ul >> 8)	/* the top byte is ignored */
#else
#define ADDRESS_BITS ~0ul
#endif

static volatile int hits, last_sig, last_code;
static void *volatile last_addr;
static volatile unsigned long last_pc;
static sigjmp_buf back;

static void handler(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	hits++;
	last_sig = sig;
	last_code = info->si_code;
	last_addr = info->si_addr;
#ifdef __riscv
	last_pc = uc->uc_mcontext.__gregs[REG_PC];
#else
	last_pc = (unsigned long)info->si_addr;
	(void)uc;
#endif
	siglongjmp(back, 1);
}

static void catch(int sig, int flags)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	NEED(sigaction(sig, &sa, NULL) == 0);
}

#define FAULTS(expr, sig, code, addr) do { \
	last_sig = 0; \
	if (!sigsetjmp(back, 1)) { \
		expr; \
		fprintf(stderr, "%s:%d: no fault\n", __FILE__, __LINE__); \
		check_failed++; \
	} \
	CHECK(last_sig == (sig)); \
	CHECK(last_code == (code)); \
	CHECK(last_addr == (void *)(addr)); \
	if (last_sig != (sig) || last_code != (code) || last_addr != (void *)(addr)) \
		fprintf(stderr, "   got signal %d code %d address %p\n", last_sig, last_code, last_addr); \
} while (0)

static long page;

static void test_segv(void)
{
	char *ro = mmap(NULL, page * 2, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *none = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile char *gone = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap((void *)gone, page);
	FAULTS(*(volatile char *)16 = 1, SIGSEGV, SEGV_MAPERR, 16);
	FAULTS((void)*(volatile int *)0, SIGSEGV, SEGV_MAPERR, 0);
	FAULTS((void)*gone, SIGSEGV, SEGV_MAPERR, gone);
	FAULTS(*(volatile char *)(ro + 5) = 1, SIGSEGV, SEGV_ACCERR, ro + 5);
	FAULTS((void)*(volatile char *)(none + 7), SIGSEGV, SEGV_ACCERR, none + 7);
	FAULTS((void)*(volatile long *)0x8000000000001230, SIGSEGV, SEGV_MAPERR, 0x8000000000001230 & ADDRESS_BITS);
	FAULTS(*(volatile long *)0x0123456789abcdf0 = 1, SIGSEGV, SEGV_MAPERR, 0x0123456789abcdf0 & ADDRESS_BITS);
	FAULTS((void)*(volatile long *)-4096, SIGSEGV, SEGV_MAPERR, -4096);
	FAULTS((*(volatile double *)(none + 8))++, SIGSEGV, SEGV_ACCERR, none + 8);
	FAULTS(__atomic_fetch_add((int *)(ro + 64), 1, __ATOMIC_SEQ_CST), SIGSEGV, SEGV_ACCERR, ro + 64);
	/* a page-crossing store faults in its second page */
	mprotect(ro, page, PROT_READ | PROT_WRITE);
	munmap(ro + page, page);
#ifdef __riscv
	FAULTS(__asm__ volatile("sd zero, 0(%0)" : : "r"(ro + page - 4) : "memory"), SIGSEGV, SEGV_MAPERR, ro + page);
#endif
}

static void test_fetch(void)
{
	char *data = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	FAULTS(((void (*)(void))data)(), SIGSEGV, SEGV_ACCERR, data);
	CHECK(last_pc == (unsigned long)data);
	FAULTS(((void (*)(void))16)(), SIGSEGV, SEGV_MAPERR, 16);
	munmap(data, page);
}

static void test_bus(void)
{
	char name[] = "/tmp/signal-fault-XXXXXX";
	int fd = mkstemp(name);
	char *map;

	NEED(fd >= 0 && ftruncate(fd, 100) == 0);
	unlink(name);
	map = mmap(NULL, page * 2, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map[99] = 1;
	FAULTS((void)*(volatile char *)(map + page + 1), SIGBUS, BUS_ADRERR, map + page + 1);
	close(fd);
}

#ifdef __riscv
static void test_insn(void)
{
	extern char bad_insn[], brk_insn[];

	FAULTS(__asm__ volatile(".globl bad_insn\nbad_insn: .word 0x0000000b"), SIGILL, ILL_ILLOPC, bad_insn);
	FAULTS(__asm__ volatile(".globl brk_insn\n.option push\n.option norvc\nbrk_insn: ebreak\n.option pop"),
	       SIGTRAP, TRAP_BRKPT, brk_insn);
	FAULTS(__asm__ volatile("amoadd.w zero, zero, (%0)" : : "r"(2 + (char *)&page) : "memory"), SIGBUS,
	       BUS_ADRALN, 2 + (char *)&page);
}

/* The frame has every register, and what the handler writes there is what goes on. */
static void regs_handler(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	hits = 0;
	for (int r = 5; r < 32; r++)
		hits += uc->uc_mcontext.__gregs[r] == 0x1000ul + r;
	for (int r = 5; r < 32; r++)
		uc->uc_mcontext.__gregs[r] += 0x100;
	for (int r = 0; r < 32; r++) {
		hits += uc->uc_mcontext.__fpregs.__d.__f[r] == 0x4000000000000000ul + r;
		uc->uc_mcontext.__fpregs.__d.__f[r]++;
	}
	hits += uc->uc_mcontext.__fpregs.__d.__fcsr == (2u << 5 | 1);
	uc->uc_mcontext.__fpregs.__d.__fcsr = 3u << 5 | 16;
	uc->uc_mcontext.__gregs[REG_PC] += 4;
}

unsigned long regs_out[32], regs_fout[32], regs_fcsr;

static void test_regs(void)
{
	struct sigaction sa = { .sa_sigaction = regs_handler, .sa_flags = SA_SIGINFO };
	unsigned long want;
	int bad = 0;

	sigaction(SIGTRAP, &sa, NULL);
	__asm__ volatile(
	    ".option push\n.option norvc\n"
	    "addi sp, sp, -16\nsd s0, 0(sp)\n"
	    "li t0, 0x4000000000000000\n"
	    ".irp "
	    "n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,"
	    "31\n"
	    "fmv.d.x f\\n, t0\naddi t0, t0, 1\n.endr\n"
	    "li t0, 2 << 5 | 1\nfscsr t0\n"
	    ".irp n,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	    "li x\\n, 0x1000 + \\n\n.endr\n"
	    "ebreak\n"
	    /* x1 is caller-saved here and becomes the pointer */
	    "la ra, regs_out\n"
	    ".irp n,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	    "sd x\\n, 8 * \\n(ra)\n.endr\n"
	    "la ra, regs_fout\n"
	    ".irp "
	    "n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,"
	    "31\n"
	    "fsd f\\n, 8 * \\n(ra)\n.endr\n"
	    "la ra, regs_fcsr\nfrcsr t0\nsd t0, 0(ra)\nfscsr zero\n"
	    "ld s0, 0(sp)\naddi sp, sp, 16\n.option pop\n"
	    :
	    :
	    : "memory", "ra", "t0", "t1", "t2", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
	      "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5",
	      "t6", "fs0", "fs1", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10",
	      "fs11", "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "ft8", "ft9", "ft10",
	      "ft11", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5", "fa6", "fa7");
	CHECK(hits == 27 + 32 + 1);
	for (int r = 5; r < 32; r++)
		bad += regs_out[r] != 0x1100ul + r;
	for (int r = 0; r < 32; r++) {
		want = 0x4000000000000001ul + r;
		bad += regs_fout[r] != want;
	}
	CHECK(bad == 0);
	CHECK(regs_fcsr == (3u << 5 | 16));
	catch(SIGTRAP, 0);
}
#endif

/* Retry: the handler makes the page accessible and the access happens. */
static char *guarded;
static int repaired;

static void repair(int sig, siginfo_t *info, void *context)
{
	repaired++;
	NEED((char *)info->si_addr >= guarded && (char *)info->si_addr < guarded + 64 * page);
	mprotect((void *)((long)info->si_addr & -page), page, PROT_READ | PROT_WRITE);
}

static void test_retry(void)
{
	struct sigaction sa = { .sa_sigaction = repair, .sa_flags = SA_SIGINFO };
	long sum = 0;

	guarded = mmap(NULL, 64 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaction(SIGSEGV, &sa, NULL);
	for (int i = 0; i < 64 * page; i += 64)
		guarded[i] = (char)(i / 64);
	for (int i = 0; i < 64 * page; i += 64)
		sum += (unsigned char)guarded[i];
	CHECK(repaired == 64);
	CHECK(sum == page / 256 * (255 * 256 / 2));
	munmap(guarded, 64 * page);
	catch(SIGSEGV, 0);
}

static volatile int forever = 1;

static int recurse(int n)
{
	volatile char room[1000];

	room[0] = (char)n;
	return (forever ? recurse(n + 1) : 0) + room[0];
}

static void test_overflow(void)
{
	static char alt[32768];
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof alt };
	struct rlimit small = { 256 << 10, RLIM_INFINITY };
	int status;
	pid_t pid;

	setrlimit(RLIMIT_STACK, &small);
	sigaltstack(&ss, NULL);
	catch(SIGSEGV, SA_ONSTACK);
	last_sig = 0;
	if (!sigsetjmp(back, 1))
		recurse(0);
	CHECK(last_sig == SIGSEGV);
	pid = fork();	/* no room for the frame: death by SIGSEGV */
	if (pid == 0) {
		catch(SIGSEGV, 0);
		if (!sigsetjmp(back, 1))
			recurse(0);
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	ss.ss_flags = SS_DISABLE;
	sigaltstack(&ss, NULL);
	catch(SIGSEGV, 0);
}

/* Bad pointers in system calls are errors, not signals. */
static void test_efault(void)
{
	char *volatile nowhere = (char *)8;
	int p[2];

	hits = 0;
	NEED(pipe(p) == 0);
	CHECK(write(p[1], nowhere, 4) < 0 && errno == EFAULT);
	CHECK(syscall(SYS_rt_sigaction, SIGUSR1, 8l, 0l, 8l) < 0 && errno == EFAULT);
	CHECK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, -8l, 0l, 8l) < 0 && errno == EFAULT);
	CHECK(hits == 0);
	close(p[0]);
	close(p[1]);
}

static int frames, found;

static _Unwind_Reason_Code walk(struct _Unwind_Context *c, void *arg)
{
	void *fn = _Unwind_FindEnclosingFunction((void *)_Unwind_GetIP(c));

	frames++;
	if (fn == arg)
		found = 1;
	return frames < 40 ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static void unwind_handler(int sig, siginfo_t *info, void *context);

__attribute__((noinline)) static void thrower(void)
{
	raise(SIGUSR1);
	__asm__ volatile("");
}

static void unwind_handler(int sig, siginfo_t *info, void *context)
{
	_Unwind_Backtrace(walk, (void *)thrower);
}

static void test_unwind(void)
{
	struct sigaction sa = { .sa_sigaction = unwind_handler, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &sa, NULL);
	thrower();
	CHECK(found && frames > 4);
}

int main(void)
{
	page = sysconf(_SC_PAGESIZE);
	catch(SIGSEGV, 0);
	catch(SIGBUS, 0);
	catch(SIGILL, 0);
	catch(SIGTRAP, 0);
	test_segv();
	test_fetch();
	test_bus();
#ifdef __riscv
	test_insn();
	test_regs();
#endif
	test_retry();
	test_overflow();
	test_efault();
	test_unwind();
	return check_result();
}
