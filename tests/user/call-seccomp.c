/* seccomp filters: every action, inheritance by threads and children, TSYNC, strict mode, what is
 * refused. */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#if defined(__riscv)
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH AUDIT_ARCH_X86_64
#endif
#define DATA(f) offsetof(struct seccomp_data, f)
#define LOAD(f) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(f))
#define IF_NR(nr, action) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), BPF_STMT(BPF_RET | BPF_K, action)

static int install(unsigned flags, struct sock_filter *f, int n)
{
	struct sock_fprog p = { n, f };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}

/* getppid gets `action`, all else is allowed. */
static int filter_getppid(unsigned action, unsigned flags)
{
	struct sock_filter f[] = {
		LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0), BPF_STMT(BPF_RET | BPF_K,
			SECCOMP_RET_KILL),
		LOAD(nr), IF_NR(SYS_getppid, action), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return install(flags, f, sizeof(f) / sizeof(f[0]));
}

static volatile int trap_nr, trap_errno, trap_arch;
static void on_trap(int sig, siginfo_t *si, void *uc)
{
	trap_nr = si->si_syscall;
	trap_errno = si->si_errno;
	trap_arch = si->si_arch;
	CHECK(si->si_code == 1);
}

static void *thread_getppid(void *arg)
{
	long r = syscall(SYS_getppid);

	return (void *)(r == -1 ? (long)errno : 0);
}

static void *waiter(void *arg)
{
	pthread_barrier_wait(arg);	/* the filter comes */
	pthread_barrier_wait(arg);
	return thread_getppid(NULL);
}

static void child_errno(void)
{
	void *r;
	pthread_t t;

	CHECK(filter_getppid(SECCOMP_RET_ERRNO | EPROTO, 0) == 0);
	CHECK(syscall(SYS_getppid) == -1 && errno == EPROTO);
	CHECK(getpid() > 0 && prctl(PR_GET_SECCOMP) == 2);
	NEED(pthread_create(&t, NULL, thread_getppid, NULL) == 0);
	pthread_join(t, &r);
	CHECK((long)r == EPROTO);
	if (fork() == 0)
		_exit(syscall(SYS_getppid) == -1 && errno == EPROTO ? 7 : 1);
	int status;
	CHECK(wait(&status) > 0 && WEXITSTATUS(status) == 7);
	/* a second filter: the severest wins */
	CHECK(filter_getppid(SECCOMP_RET_LOG, 0) == 0);
	CHECK(syscall(SYS_getppid) == -1 && errno == EPROTO);
	CHECK(filter_getppid(SECCOMP_RET_TRAP | 3, 0) == 0);
	signal(SIGSYS, SIG_DFL);
}

static void child_trap(void)
{
	struct sigaction sa = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };

	sigaction(SIGSYS, &sa, NULL);
	CHECK(filter_getppid(SECCOMP_RET_TRAP | 42, 0) == 0);
	syscall(SYS_getppid);
	CHECK(trap_nr == SYS_getppid && trap_errno == 42 && trap_arch == (int)ARCH);
	CHECK(filter_getppid(SECCOMP_RET_TRACE, 0) == 0);
	syscall(SYS_getppid);	/* trap is more severe */
	CHECK(trap_nr == SYS_getppid);
}

static void child_kill(void)
{
	signal(SIGSYS, SIG_IGN);
	CHECK(filter_getppid(SECCOMP_RET_KILL_PROCESS, 0) == 0);
	syscall(SYS_getppid);
	_exit(0);
}

static void *killed(void *arg)
{
	syscall(SYS_getppid);
	return NULL;
}

static void child_kill_thread(void)
{
	pthread_t t;

	CHECK(filter_getppid(SECCOMP_RET_KILL_THREAD, 0) == 0);
	NEED(pthread_create(&t, NULL, killed, NULL) == 0);
	usleep(100000);
	/* joining it would work too (the kernel clears its tid), but only we must still live */
	_exit(check_failed ? 1 : 5);
}

static void child_tsync(void)
{
	pthread_barrier_t b;
	pthread_t t;
	void *r;

	pthread_barrier_init(&b, NULL, 2);
	NEED(pthread_create(&t, NULL, waiter, &b) == 0);
	pthread_barrier_wait(&b);
	CHECK(filter_getppid(SECCOMP_RET_ERRNO | EXDEV, SECCOMP_FILTER_FLAG_TSYNC) == 0);
	pthread_barrier_wait(&b);
	pthread_join(t, &r);
	CHECK((long)r == EXDEV);
}

static void child_args(void)
{
	/* argument 0 of close, low word */
	struct sock_filter f[] = {
		LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close, 0, 3), LOAD(args[0]),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 100, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOLCK),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	CHECK(install(0, f, 6) == 0);
	CHECK(close(200) == -1 && errno == ENOLCK);
	CHECK(close(99) == -1 && errno == EBADF);
}

/* The filter goes on in the next program, which is this one with an argument. */
static void child_exec(void)
{
	char *argv[] = { "call-seccomp", "after-exec", NULL };

	CHECK(filter_getppid(SECCOMP_RET_ERRNO | EPROTO, 0) == 0);
	execv("/proc/self/exe", argv);
	CHECK(0);
}

static int after_exec(void)
{
	int fd = open("/dev/null", O_RDONLY);

	CHECK(fd == 3);		/* nothing is left open */
	CHECK(syscall(SYS_getppid) == -1 && errno == EPROTO);
	CHECK(prctl(PR_GET_SECCOMP) == 2 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	return check_failed ? 1 : 6;
}

static void child_refused(void)
{
	struct sock_filter loop[] = { BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_filter far[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_fprog bad = { 3, (void *)8 };
	unsigned action = SECCOMP_RET_ERRNO;

	CHECK(install(0, loop, 2) == -1 && errno == EINVAL);
	CHECK(install(0, far, 2) == -1 && errno == EINVAL);
	CHECK(install(0, far, 0) == -1 && errno == EINVAL);
	CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &bad) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_seccomp, 99, 0, NULL) == -1 && errno == EINVAL);
	CHECK(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0);
	action = 0x12340000;
	CHECK(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == -1 && errno == EOPNOTSUPP);
	CHECK(prctl(PR_GET_SECCOMP) == 0);
}

static void child_strict(void)
{
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
	if (write(2, "", 0) != 0)
		syscall(SYS_exit, 9);
	syscall(SYS_getppid);
	syscall(SYS_exit, 8);
}

static int run(void (*fn)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
		fn();
		_exit(check_failed != 0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return after_exec();
	close(3);
	CHECK(WEXITSTATUS(run(child_exec)) == 6);
	CHECK(run(child_errno) == 0);
	CHECK(run(child_trap) == 0);
	CHECK((run(child_kill) & 0x7f) == SIGSYS);
	CHECK(WEXITSTATUS(run(child_kill_thread)) == 5);
	CHECK(run(child_tsync) == 0);
	CHECK(run(child_args) == 0);
	CHECK(run(child_refused) == 0);
	CHECK((run(child_strict) & 0x7f) == SIGKILL);
	return check_result();
}
