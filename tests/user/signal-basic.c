/* Signals: handlers, siginfo, masks, pending, alternate stack, restart, sigsuspend, sigtimedwait, default actions.
 * flags: -O1
 */
#define _GNU_SOURCE
#include "check.h"
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <poll.h>
#include <time.h>

static volatile int hits, last_sig, last_code, last_value, on_alt, depth, max_depth;
static volatile pid_t last_pid;
static char altstack[65536];

static void handler(int sig, siginfo_t *info, void *uc)
{
	char here;

	hits++;
	last_sig = sig;
	last_code = info->si_code;
	last_pid = info->si_pid;
	last_value = info->si_value.sival_int;
	on_alt = &here >= altstack && &here < altstack + sizeof altstack;
}

static void set(int sig, int flags)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	NEED(sigaction(sig, &sa, NULL) == 0);
}

static void test_basic(void)
{
	struct sigaction old;

	set(SIGUSR1, 0);
	hits = 0;
	NEED(kill(getpid(), SIGUSR1) == 0);
	CHECK(hits == 1 && last_sig == SIGUSR1 && last_code == SI_USER && last_pid == getpid());
	raise(SIGUSR1);
	CHECK(hits == 2 && last_code == SI_TKILL);
	CHECK(sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 77 }) == 0);
	CHECK(hits == 3 && last_code == SI_QUEUE && last_value == 77);
	CHECK(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_sigaction == handler && (old.sa_flags & SA_SIGINFO));
	CHECK(sigaction(SIGKILL, &old, NULL) < 0 && errno == EINVAL);
	set(SIGUSR1, SA_RESETHAND);
	raise(SIGUSR1);
	CHECK(hits == 4);
	CHECK(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == SIG_DFL);
}

static void test_mask(void)
{
	sigset_t s, old, pend;

	set(SIGUSR1, 0);
	set(SIGUSR2, 0);
	hits = 0;
	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	NEED(sigprocmask(SIG_BLOCK, &s, &old) == 0);
	raise(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR2);
	CHECK(hits == 1 && last_sig == SIGUSR2);
	sigpending(&pend);
	CHECK(sigismember(&pend, SIGUSR1) && !sigismember(&pend, SIGUSR2));
	sigprocmask(SIG_SETMASK, &old, NULL);
	CHECK(hits == 2 && last_sig == SIGUSR1);	/* standard signals do not queue */
	sigpending(&pend);
	CHECK(!sigismember(&pend, SIGUSR1));
}

static int rt_order[16], rt_count;

static void rt_handler(int sig, siginfo_t *info, void *uc)
{
	if (rt_count < 16)
		rt_order[rt_count++] = sig * 100 + info->si_value.sival_int;
}

static void test_rt(void)
{
	struct sigaction sa = { .sa_sigaction = rt_handler, .sa_flags = SA_SIGINFO };
	int a = SIGRTMIN + 1, b = SIGRTMAX;
	sigset_t s, old;

	sigfillset(&sa.sa_mask);
	NEED(sigaction(a, &sa, NULL) == 0 && sigaction(b, &sa, NULL) == 0);
	sigemptyset(&s);
	sigaddset(&s, a);
	sigaddset(&s, b);
	sigprocmask(SIG_BLOCK, &s, &old);
	sigqueue(getpid(), b, (union sigval){ .sival_int = 1 });
	sigqueue(getpid(), a, (union sigval){ .sival_int = 1 });
	sigqueue(getpid(), a, (union sigval){ .sival_int = 2 });
	sigqueue(getpid(), a, (union sigval){ .sival_int = 3 });
	CHECK(rt_count == 0);
	sigprocmask(SIG_SETMASK, &old, NULL);
	CHECK(rt_count == 4);
	CHECK(rt_order[0] == a * 100 + 1 && rt_order[1] == a * 100 + 2 && rt_order[2] == a * 100 + 3 &&
	      rt_order[3] == b * 100 + 1);
}

/* All 64 numbers by raw calls, 32 and 33 too. */
struct kernel_sigaction { void *handler; unsigned long flags, mask; };
static volatile unsigned long seen;

static void all_handler(int sig)
{
	seen |= 1ul << (sig - 1);
}

static void test_all_numbers(void)
{
	pid_t pid = fork();
	int status;

	NEED(pid >= 0);
	if (pid == 0) {
		unsigned long want = 0;

		for (int sig = 1; sig <= 64; sig++) {
			struct kernel_sigaction sa = { all_handler, 0, 0 };

			if (sig == SIGKILL || sig == SIGSTOP)
				continue;
			if (syscall(SYS_rt_sigaction, sig, &sa, NULL, 8))
				_exit(sig);
			want |= 1ul << (sig - 1);
			syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
			if (seen != want)
				_exit(100 + sig);
		}
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(status == 0);
	if (status)
		fprintf(stderr, "all numbers: status %x\n", status);
}

static void nest_handler(int sig)
{
	depth++;
	if (depth > max_depth)
		max_depth = depth;
	if (depth < 3)
		raise(sig);
	depth--;
}

static void test_nodefer(void)
{
	struct sigaction sa = { .sa_handler = nest_handler, .sa_flags = SA_NODEFER };

	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	CHECK(max_depth == 3);
}

static void test_altstack(void)
{
	stack_t ss = { .ss_sp = altstack, .ss_size = sizeof altstack }, old;
	stack_t tiny = { .ss_sp = altstack, .ss_size = 100 };

	CHECK(sigaltstack(NULL, &old) == 0 && old.ss_flags == SS_DISABLE);
	CHECK(sigaltstack(&tiny, NULL) < 0 && errno == ENOMEM);
	NEED(sigaltstack(&ss, NULL) == 0);
	set(SIGUSR1, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK(on_alt);
	set(SIGUSR1, 0);
	raise(SIGUSR1);
	CHECK(!on_alt);
	ss.ss_flags = SS_DISABLE;
	CHECK(sigaltstack(&ss, &old) == 0 && old.ss_sp == altstack && old.ss_flags == 0);
	set(SIGUSR1, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK(!on_alt);
}

static void *killer(void *arg)
{
	usleep(30000);
	kill(getpid(), SIGUSR1);
	return NULL;
}

static void alarm_in(int us)
{
	struct itimerval it = { .it_value = { 0, us } };

	setitimer(ITIMER_REAL, &it, NULL);
}

static void test_restart(void)
{
	int p[2];
	char c;
	struct pollfd pfd;
	struct timespec ts = { 5, 0 }, rem;
	pid_t pid;
	time_t t0;

	NEED(pipe(p) == 0);
	set(SIGALRM, 0);
	hits = 0;
	alarm_in(20000);
	CHECK(read(p[0], &c, 1) < 0 && errno == EINTR && hits == 1);
	set(SIGALRM, SA_RESTART);
	pid = fork();
	if (pid == 0) {
		usleep(80000);
		_exit(write(p[1], "x", 1) == 1 ? 0 : 1);
	}
	alarm_in(20000);
	CHECK(read(p[0], &c, 1) == 1 && c == 'x' && hits == 2);
	waitpid(pid, NULL, 0);
	/* never restarted with a handler */
	pfd = (struct pollfd){ p[0], POLLIN, 0 };
	alarm_in(20000);
	CHECK(poll(&pfd, 1, 5000) < 0 && errno == EINTR && hits == 3);
	alarm_in(20000);
	t0 = time(NULL);
	CHECK(nanosleep(&ts, &rem) < 0 && errno == EINTR && rem.tv_sec >= 4 && time(NULL) - t0 < 3);
	/* an ignored signal interrupts nothing */
	signal(SIGALRM, SIG_IGN);
	alarm_in(10000);
	ts = (struct timespec){ 0, 60000000 };
	CHECK(nanosleep(&ts, NULL) == 0);
	close(p[0]);
	close(p[1]);
}

static void test_suspend(void)
{
	sigset_t block, empty, cur;
	siginfo_t info;
	struct timespec ts = { 0, 20000000 };
	int fd, r;
	struct signalfd_siginfo sfd;

	set(SIGUSR1, 0);
	set(SIGALRM, 0);
	sigemptyset(&empty);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigaddset(&block, SIGALRM);
	sigprocmask(SIG_BLOCK, &block, NULL);
	hits = 0;
	raise(SIGUSR1);
	CHECK(hits == 0);
	CHECK(sigsuspend(&empty) < 0 && errno == EINTR && hits == 1);
	alarm_in(20000);
	CHECK(sigsuspend(&empty) < 0 && errno == EINTR && hits == 2 && last_sig == SIGALRM);
	sigprocmask(SIG_BLOCK, NULL, &cur);
	CHECK(sigismember(&cur, SIGUSR1) && sigismember(&cur, SIGALRM));
	alarm_in(20000);
	CHECK(ppoll(NULL, 0, NULL, &empty) < 0 && errno == EINTR && hits == 3);
	sigprocmask(SIG_BLOCK, NULL, &cur);
	CHECK(sigismember(&cur, SIGALRM));
	/* waiting without a handler */
	CHECK(sigtimedwait(&block, &info, &ts) < 0 && errno == EAGAIN);
	sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 5 });
	CHECK(sigtimedwait(&block, &info, &ts) == SIGUSR1 && info.si_value.sival_int == 5 && hits == 3);
	alarm_in(20000);
	CHECK(sigwaitinfo(&block, &info) == SIGALRM && hits == 3);
	fd = signalfd(-1, &block, SFD_CLOEXEC);
	NEED(fd >= 0);
	raise(SIGUSR1);
	r = (int)read(fd, &sfd, sizeof sfd);
	CHECK(r == sizeof sfd && sfd.ssi_signo == SIGUSR1 && sfd.ssi_pid == (unsigned)getpid() && hits == 3);
	close(fd);
	sigprocmask(SIG_UNBLOCK, &block, NULL);
}

static int child_status(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	NEED(pid >= 0);
	if (pid == 0) {
		fn();
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	return status;
}

static void die_term(void) { raise(SIGTERM); }
static void die_kill(void) { kill(getpid(), SIGKILL); }
static void die_abort(void) { abort(); }
static void die_quit(void)
{
	signal(SIGQUIT, SIG_DFL);	/* shells start background jobs with it ignored */
	raise(SIGQUIT);
}
static void die_rt(void) { raise(SIGRTMIN + 3); }
static void die_segv(void) { *(volatile int *)16 = 1; }
static void die_segv_blocked(void)
{
	sigset_t s;

	sigfillset(&s);
	sigprocmask(SIG_SETMASK, &s, NULL);
	signal(SIGSEGV, (void (*)(int))(void *)handler);
	*(volatile int *)16 = 1;
}
static void die_pipe(void)
{
	int p[2];

	if (pipe(p))
		_exit(9);
	close(p[0]);
	(void)!write(p[1], "x", 1);
}
static void live_pipe(void)
{
	signal(SIGPIPE, SIG_IGN);
	die_pipe();
	_exit(errno == EPIPE ? 5 : 6);
}
static void live_ignored(void)
{
	raise(SIGCHLD);
	raise(SIGWINCH);
	raise(SIGURG);
	raise(SIGCONT);
	_exit(7);
}

static void test_default(void)
{
	CHECK(WTERMSIG(child_status(die_term)) == SIGTERM);
	CHECK(WTERMSIG(child_status(die_kill)) == SIGKILL);
	CHECK(WTERMSIG(child_status(die_abort)) == SIGABRT);
	CHECK(WTERMSIG(child_status(die_quit)) == SIGQUIT);
	CHECK(WTERMSIG(child_status(die_rt)) == SIGRTMIN + 3);
	CHECK(WTERMSIG(child_status(die_segv)) == SIGSEGV);
	CHECK(WTERMSIG(child_status(die_segv_blocked)) == SIGSEGV);
	CHECK(WTERMSIG(child_status(die_pipe)) == SIGPIPE);
	CHECK(WEXITSTATUS(child_status(live_pipe)) == 5);
	CHECK(WEXITSTATUS(child_status(live_ignored)) == 7);
}

static void test_stop(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		raise(SIGTSTP);
		_exit(4);
	}
	/* an orphaned process group ignores SIGTSTP: then it just exits */
	NEED(waitpid(pid, &status, WUNTRACED) == pid);
	if (WIFSTOPPED(status)) {
		CHECK(WSTOPSIG(status) == SIGTSTP);
		kill(pid, SIGCONT);
		NEED(waitpid(pid, &status, 0) == pid);
	}
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
	pid = fork();
	if (pid == 0) {
		raise(SIGSTOP);
		_exit(5);
	}
	NEED(waitpid(pid, &status, WUNTRACED) == pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	kill(pid, SIGCONT);
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

static void test_sigchld(void)
{
	pid_t pid;
	int status;

	set(SIGCHLD, SA_RESTART);
	hits = 0;
	pid = fork();
	if (pid == 0)
		_exit(3);
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(hits == 1 && last_sig == SIGCHLD && last_code == CLD_EXITED && last_pid == pid);
	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (pid == 0)
		_exit(3);
	CHECK(waitpid(pid, &status, 0) < 0 && errno == ECHILD);
	signal(SIGCHLD, SIG_DFL);
}

/* Handler state must not leak into interrupted code: all registers survive, many times. */
static volatile long ticks;

static void tick(int sig)
{
	volatile double x = 1.5;

	ticks++;
	x = x * ticks;
}

static void test_storm(void)
{
	struct itimerval it = { { 0, 500 }, { 0, 500 } };
	struct sigaction sa = { .sa_handler = tick, .sa_flags = SA_RESTART };
	unsigned long sum = 0, want = 0;
	double d = 0, dw = 0;

	sigaction(SIGALRM, &sa, NULL);
	for (unsigned long i = 0; i < 400000; i++)
		want = want * 31 + i, dw = dw * 0.5 + (double)i;
	setitimer(ITIMER_REAL, &it, NULL);
	for (int round = 0; round < 20; round++) {
		sum = 0;
		d = 0;
		for (unsigned long i = 0; i < 400000; i++)
			sum = sum * 31 + i, d = d * 0.5 + (double)i;
		CHECK(sum == want && d == dw);
	}
	it = (struct itimerval){ 0 };
	setitimer(ITIMER_REAL, &it, NULL);
	CHECK(ticks > 5);
}

int main(void)
{
	pthread_t t;

	test_basic();
	test_mask();
	test_rt();
#ifdef __riscv	/* the kernel's structure below is this one's */
	test_all_numbers();
#endif
	test_nodefer();
	test_altstack();
	test_restart();
	test_suspend();
	test_default();
	test_stop();
	test_sigchld();
	test_storm();
	/* and interrupting a thread that waits in pause */
	set(SIGUSR1, 0);
	hits = 0;
	pthread_create(&t, NULL, killer, NULL);
	pause();
	CHECK(hits == 1);
	pthread_join(t, NULL);
	return check_result();
}
