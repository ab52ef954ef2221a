/* Threads, fork, vfork, clone in its other shapes, robust futexes, exit orders; then all of it at once.
 * flags: -O1
 * timeout: 120
 */
#define _GNU_SOURCE
#include "check.h"
#include <linux/futex.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

enum { THREADS = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long counter;
static atomic_long acounter;
static _Thread_local long mine;

static void *count_thread(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		mine++;
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
		atomic_fetch_add(&acounter, 1);
	}
	return (void *)(mine + (long)arg);
}

static void test_threads(void)
{
	pthread_t t[THREADS];
	void *ret;

	counter = 0;
	acounter = 0;
	for (long i = 0; i < THREADS; i++)
		NEED(pthread_create(&t[i], NULL, count_thread, (void *)i) == 0);
	for (long i = 0; i < THREADS; i++) {
		NEED(pthread_join(t[i], &ret) == 0);
		CHECK((long)ret == 1000 + i);
	}
	CHECK(counter == THREADS * 1000 && acounter == THREADS * 1000);
}

/* Thread numbers, cancellation (signal 32), setxid (signal 33), condition timeouts. */
static pid_t thread_tid;

static void *sleeper(void *arg)
{
	thread_tid = (pid_t)syscall(SYS_gettid);
	for (;;)
		pause();
	return NULL;
}

static void test_cancel(void)
{
	pthread_t t;
	void *ret;
	struct timespec ts;

	NEED(pthread_create(&t, NULL, sleeper, NULL) == 0);
	usleep(10000);
	CHECK(thread_tid != getpid());
	CHECK(setuid(getuid()) == 0);	/* all threads take part */
	NEED(pthread_cancel(t) == 0);
	NEED(pthread_join(t, &ret) == 0);
	CHECK(ret == PTHREAD_CANCELED);
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	pthread_mutex_lock(&lock);
	CHECK(pthread_cond_timedwait(&cond, &lock, &ts) == ETIMEDOUT);
	pthread_mutex_unlock(&lock);
}

static void *dies_with_lock(void *arg)
{
	pthread_mutex_lock(arg);
	return NULL;
}

static void test_robust(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_t t;
	pid_t pid;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	for (int how = 0; how < 2; how++) {
		NEED(pthread_mutex_init(m, &attr) == 0);
		if (how == 0) {
			pthread_create(&t, NULL, dies_with_lock, m);
			pthread_join(t, NULL);
		} else {
			pid = fork();
			if (pid == 0) {
				pthread_mutex_lock(m);
				syscall(SYS_exit, 0);
			}
			waitpid(pid, NULL, 0);
		}
		CHECK(pthread_mutex_lock(m) == EOWNERDEAD);
		CHECK(pthread_mutex_consistent(m) == 0);
		CHECK(pthread_mutex_unlock(m) == 0);
	}
	munmap(m, 4096);
}

static void test_pi(void)
{
	pthread_mutexattr_t attr;
	static pthread_mutex_t m;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	NEED(pthread_mutex_init(&m, &attr) == 0);
	CHECK(pthread_mutex_lock(&m) == 0 && pthread_mutex_unlock(&m) == 0);
}

static void test_fork(void)
{
	int status, value = 1, p[2];
	pid_t pid = fork();

	if (pid == 0) {
		value = 2;
		test_threads();	/* a child makes threads of its own */
		_exit(check_failed ? 1 : 17);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 17 && value == 1);
	for (int i = 0; i < 30; i++) {
		NEED(pipe(p) == 0);
		pid = fork();
		if (pid == 0) {
			pid = fork();
			if (pid == 0)
				_exit(write(p[1], "x", 1) == 1 ? 3 : 4);
			waitpid(pid, &status, 0);
			_exit(WEXITSTATUS(status) + 1);
		}
		NEED(waitpid(pid, &status, 0) == pid);
		CHECK(WEXITSTATUS(status) == 4);
		CHECK(read(p[0], &status, 1) == 1);
		close(p[0]);
		close(p[1]);
	}
}

static volatile int shared_word;

static void test_vfork(void)
{
	struct sigaction old, sa = { .sa_handler = SIG_IGN };
	int status;
	pid_t pid;

	shared_word = 1;
	sigaction(SIGUSR2, &sa, NULL);
	pid = vfork();
	if (pid == 0) {
		shared_word = 2;	/* memory is shared */
		signal(SIGUSR2, SIG_DFL);	/* signal actions are not */
		_exit(9);
	}
	NEED(pid > 0);
	CHECK(shared_word == 2);
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WEXITSTATUS(status) == 9);
	sigaction(SIGUSR2, NULL, &old);
	CHECK(old.sa_handler == SIG_IGN);
	pid = vfork();
	if (pid == 0) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static char *self;

static void test_spawn(void)
{
	char *argv[] = { self, "exit", "33", NULL }, *envp[] = { NULL };
	char *shell[] = { "sh", "-c", "exit 5", NULL };
	int status;
	pid_t pid;

	for (int i = 0; i < 5; i++) {
		NEED(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, envp) == 0);
		NEED(waitpid(pid, &status, 0) == pid);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 33);
	}
	CHECK(posix_spawn(&pid, "/does/not/exist", NULL, NULL, argv, envp) == ENOENT);
	NEED(posix_spawn(&pid, "/bin/sh", NULL, NULL, shell, envp) == 0);	/* the host's own kind of program */
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WEXITSTATUS(status) == 5);
}

static int clone_fn(void *arg)
{
	shared_word = 55;
	return 21;
}

static void test_clone(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	int status, pidfd = -1;
	pid_t pid, ptid = 0, ctid = 0;
	struct clone_args a = { .flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .exit_signal = SIGCHLD };
	siginfo_t info;

	shared_word = 0;	/* own process, shared memory, creator goes on */
	pid = clone(clone_fn, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
	NEED(pid > 0);
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 21 && shared_word == 55);
	shared_word = 0;	/* other exit signal: needs __WCLONE */
	pid = clone(clone_fn, stack + sizeof stack, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, NULL, &ptid, NULL, &ctid);
	NEED(pid > 0);
	CHECK(ptid == pid);
	NEED(waitpid(pid, &status, __WALL) == pid);
	CHECK(WEXITSTATUS(status) == 21 && shared_word == 0);
	a.pidfd = (unsigned long)&pidfd;
	a.parent_tid = (unsigned long)&ptid;
	pid = (pid_t)syscall(SYS_clone3, &a, sizeof a);
	NEED(pid >= 0);
	if (pid == 0)
		_exit(8);
	CHECK(pidfd >= 0 && ptid == pid);
	CHECK(waitid((idtype_t)3 /* P_PIDFD */, (id_t)pidfd, &info, WEXITED) == 0 &&
	      info.si_status == 8 && info.si_pid == pid);
	close(pidfd);
	CHECK(syscall(SYS_clone3, &a, 16) < 0 && errno == EINVAL);
	CHECK(syscall(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0) < 0 && errno == EINVAL);
}

/* The first thread leaves; the process lives on and has its status. */
static void *last_thread(void *arg)
{
	usleep(30000);
	if (arg)
		exit(12);
	return NULL;
}

static void test_exit_orders(void)
{
	pthread_t t;
	int status;
	pid_t pid;

	for (long how = 0; how < 2; how++) {
		pid = fork();
		if (pid == 0) {
			pthread_create(&t, NULL, last_thread, (void *)how);
			pthread_detach(t);
			syscall(SYS_exit, 6);
		}
		NEED(waitpid(pid, &status, 0) == pid);
		/* kernels before 5.18 take the first thread's status, later ones the last one's */
		CHECK(WIFEXITED(status) &&
		      (how ? WEXITSTATUS(status) == 12
			   : WEXITSTATUS(status) == 6 || WEXITSTATUS(status) == 0));
	}
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 8; i++)
			pthread_create(&t, NULL, sleeper, NULL);
		_exit(5);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WEXITSTATUS(status) == 5);
}

/* ---- all at once ---- */

static atomic_int signals;

static void on_signal(int sig)
{
	atomic_fetch_add(&signals, 1);
}

static void *storm_thread(void *arg)
{
	unsigned seed = (unsigned)(long)arg;
	int status;

	for (int i = 0; i < 60; i++) {
		switch (rand_r(&seed) % 6) {
		case 0:
			if ((long)arg % 8 == 0) {
				pid_t pid = fork();

				if (pid == 0)
					_exit(7);
				if (pid > 0) {
					pid_t r;

					do
						r = waitpid(pid, &status, 0);
					while (r < 0 && errno == EINTR);
					CHECK(r == pid && WEXITSTATUS(status) == 7);
				}
			}
			break;
		case 1: {
			char *p = malloc(1 + rand_r(&seed) % 5000);

			p[0] = 1;
			free(p);
			break;
		}
		case 2: {
			char *m = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			m[5000] = 1;
			munmap(m, 16384);
			break;
		}
		case 3:
			pthread_kill(pthread_self(), SIGUSR1);
			break;
		case 4:
			usleep(100);
			break;
		default:
			for (int k = 0; k < 200; k++) {
				pthread_mutex_lock(&lock);
				counter++;
				pthread_mutex_unlock(&lock);
			}
		}
	}
	return NULL;
}

static void test_storm(void)
{
	struct itimerval it = { { 0, 1000 }, { 0, 1000 } };
	pthread_t t[THREADS];

	signal(SIGUSR1, on_signal);
	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &it, NULL);
	for (long i = 0; i < THREADS; i++)
		NEED(pthread_create(&t[i], NULL, storm_thread, (void *)(i + 1)) == 0);
	for (int i = 0; i < THREADS; i++)
		NEED(pthread_join(t[i], NULL) == 0);
	it = (struct itimerval){ 0 };
	setitimer(ITIMER_REAL, &it, NULL);
	CHECK(signals > 0);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 3 && !strcmp(argv[1], "exit"))
		return (int)strtol(argv[2], NULL, 10);
	test_threads();
	test_cancel();
	test_robust();
	test_pi();
	test_fork();
	test_vfork();
	test_spawn();
	test_clone();
	test_exit_orders();
	test_storm();
	return check_result();
}
