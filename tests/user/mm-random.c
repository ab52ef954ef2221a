/* mmap, munmap, mprotect, madvise at random in a window of pages, against a table; every page is tried by access. */
#include "check.h"
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { PAGE = 4096, PAGES = 40, STEPS = 3000, NONE = -1 };

static char *const window = (char *)0x1000000000;
static struct page {
	int prot;		/* NONE: not mapped */
	unsigned char value;
} model[PAGES];
static uint64_t seed = 7;
static sigjmp_buf back;
static volatile int code;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	code = info->si_code;
	siglongjmp(back, 1);
}

static uint32_t below(uint32_t n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % n;
}

/* 0, or the fault's si_code. */
static int try_access(volatile char *p, int write)
{
	if (sigsetjmp(back, 1))
		return code;
	if (write)
		*p = *p;
	else
		(void)*p;
	return 0;
}

static void check_page(int i)
{
	const struct page *m = &model[i];
	volatile char *p = window + i * PAGE;
	int want = m->prot == NONE ? SEGV_MAPERR : SEGV_ACCERR;

	CHECK(try_access(p, 0) == (m->prot > 0 && (m->prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) ? 0 : want));
	CHECK(try_access(p, 1) == (m->prot > 0 && (m->prot & PROT_WRITE) ? 0 : want));
	if (m->prot > 0)
		CHECK((unsigned char)*p == m->value);
}

static void step(void)
{
	static const int prots[] = { 0, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC,
				     PROT_READ | PROT_WRITE | PROT_EXEC };
	int first = (int)below(PAGES), n = 1 + (int)below(9), prot = prots[below(5)], i, what = (int)below(6);
	char *p = window + first * PAGE;

	if (first + n > PAGES)
		n = PAGES - first;
	switch (what) {
	case 0:
		CHECK(munmap(p, (size_t)n * PAGE) == 0);
		for (i = first; i < first + n; i++)
			model[i].prot = NONE;
		break;
	case 1:
		CHECK(mmap(p, (size_t)n * PAGE, prot, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == p);
		for (i = first; i < first + n; i++)
			model[i] = (struct page){ prot, 0 };
		break;
	case 2:
		for (i = first; i < first + n && model[i].prot != NONE; i++)
			;
		errno = 0;
		CHECK(madvise(p, (size_t)n * PAGE, MADV_DONTNEED) == (i == first + n ? 0 : -1));
		CHECK(i == first + n || errno == ENOMEM);
		for (i = first; i < first + n; i++)
			model[i].value = 0;
		break;
	case 3:
		for (i = first; i < first + n; i++) {
			if (model[i].prot > 0 && (model[i].prot & PROT_WRITE))
				window[i * PAGE] = (char)(model[i].value = (unsigned char)below(256));
		}
		break;
	default:
		for (i = first; i < first + n && model[i].prot != NONE; i++)
			model[i].prot = prot;
		errno = 0;
		CHECK(mprotect(p, (size_t)n * PAGE, prot) == (i == first + n ? 0 : -1));
		CHECK(i == first + n || errno == ENOMEM);
		break;
	}
}

int main(void)
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	pid_t pid;
	int status = -1;

	sigaction(SIGSEGV, &act, NULL);
	for (int i = 0; i < PAGES; i++)
		model[i].prot = NONE;
	for (int i = 0; i < STEPS; i++) {
		step();
		for (int page = 0; i % 25 == 0 && page < PAGES; page++)
			check_page(page);
	}
	/* a child sees the same, and what it changes is its own */
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 300; i++)
			step();
		for (int page = 0; page < PAGES; page++)
			check_page(page);
		_exit(check_result());
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	for (int page = 0; page < PAGES; page++)
		check_page(page);
	return check_result();
}
