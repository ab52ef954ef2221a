/* Events and time: poll, select, epoll, eventfd, timerfd, POSIX timers, sleeps with signals,
 * itimers, clocks. */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <time.h>

static volatile int alarms;
static void on_alarm(int sig) { alarms++; }

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void test_poll(void)
{
	struct pollfd p[2];
	struct timespec t = { 0, 10000000 };
	int fds[2];
	fd_set r;

	NEED(pipe(fds) == 0);
	p[0] = (struct pollfd){ fds[0], POLLIN, -1 };
	p[1] = (struct pollfd){ fds[1], POLLOUT, -1 };
	CHECK(poll(p, 2, 0) == 1 && p[0].revents == 0 && p[1].revents == POLLOUT);
	CHECK(poll(p, 1, 20) == 0);
	CHECK(write(fds[1], "x", 1) == 1 && ppoll(p, 1, &t, NULL) == 1 && p[0].revents == POLLIN);
	FD_ZERO(&r);
	FD_SET(fds[0], &r);
	CHECK(select(fds[0] + 1, &r, NULL, NULL, &(struct timeval){ 1, 0 }) == 1 && FD_ISSET(fds[0], &r));
	CHECK(read(fds[0], &p, 1) == 1);
	FD_SET(fds[0], &r);
	CHECK(pselect(fds[0] + 1, &r, NULL, NULL, &t, NULL) == 0 && !FD_ISSET(fds[0], &r));
	CHECK(poll((void *)8, 3, 0) == -1 && errno == EFAULT);
	close(fds[0]);
	close(fds[1]);
}

static void test_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 0x1122334455667788 }, got[3];
	int ep = epoll_create1(EPOLL_CLOEXEC), e = eventfd(0, EFD_NONBLOCK), e2 = eventfd(5, EFD_SEMAPHORE);
	uint64_t v = 3;

	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev) == 0);
	ev.data.u64 = 2;
	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, e2, &ev) == 0);
	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, e2, &ev) == -1 && errno == EEXIST);
	CHECK(epoll_wait(ep, got, 3, 0) == 1 && got[0].data.u64 == 2 && got[0].events == EPOLLIN);
	CHECK(write(e, &v, 8) == 8 && epoll_wait(ep, got, 3, -1) == 2);
	CHECK(got[0].data.u64 + got[1].data.u64 == 0x112233445566778a);
	CHECK(read(e, &v, 8) == 8 && v == 3 && read(e, &v, 8) == -1 && errno == EAGAIN);
	CHECK(read(e2, &v, 8) == 8 && v == 1);
	CHECK(epoll_ctl(ep, EPOLL_CTL_DEL, e2, NULL) == 0);
	CHECK(epoll_wait(ep, got, 3, 10) == 0);
	CHECK(epoll_wait(ep, got, 0, 10) == -1 && errno == EINVAL);
	CHECK(epoll_ctl(ep, EPOLL_CTL_MOD, e, (void *)8) == -1 && errno == EFAULT);
	close(ep);
	close(e);
	close(e2);
}

static void test_timerfd(void)
{
	struct itimerspec its = { { 0, 5000000 }, { 0, 5000000 } }, left;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	uint64_t n;

	CHECK(timerfd_settime(fd, 0, &its, NULL) == 0 && timerfd_gettime(fd, &left) == 0);
	CHECK(left.it_interval.tv_nsec == 5000000 && left.it_value.tv_nsec <= 5000000);
	CHECK(read(fd, &n, 8) == 8 && n >= 1);
	close(fd);
}

static volatile int timer_value, timer_tid;
static void on_timer(int sig, siginfo_t *si, void *uc)
{
	timer_value = si->si_value.sival_int;
	timer_tid = syscall(SYS_gettid);
}

static void test_timers(void)
{
	struct sigaction sa = { .sa_sigaction = on_timer, .sa_flags = SA_SIGINFO };
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 1,
	.sigev_value.sival_int = 77 };
	struct itimerspec its = { { 0, 0 }, { 0, 3000000 } };
	timer_t t;

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif
	ev.sigev_notify_thread_id = syscall(SYS_gettid);
	CHECK(sigaction(SIGRTMIN + 1, &sa, NULL) == 0);
	CHECK(timer_create(CLOCK_MONOTONIC, &ev, &t) == 0 && timer_settime(t, 0, &its, NULL) == 0);
	for (int i = 0; i < 200 && !timer_value; i++)
		usleep(1000);
	CHECK(timer_value == 77 && timer_tid == syscall(SYS_gettid));
	CHECK(timer_getoverrun(t) == 0 && timer_gettime(t, &its) == 0 && timer_delete(t) == 0);
}

static void alarm_in(int us)
{
	struct itimerval it = { { 0, 0 }, { 0, us } };

	alarms = 0;
	CHECK(setitimer(ITIMER_REAL, &it, NULL) == 0);
}

/* Which calls restart, which give EINTR, what is left of a sleep. */
static void test_interrupts(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct timespec t = { 0, 200000000 }, left = { 9, 9 };
	struct pollfd p;
	struct epoll_event ev;
	int fds[2], ep = epoll_create1(0);
	sigset_t none, block;
	char c;
	double start;

	NEED(pipe(fds) == 0);
	p = (struct pollfd){ fds[0], POLLIN, 0 };
	CHECK(sigaction(SIGALRM, &sa, NULL) == 0);
	alarm_in(20000);
	start = now();
	CHECK(nanosleep(&t, &left) == -1 && errno == EINTR && alarms == 1);
	CHECK(left.tv_sec == 0 && left.tv_nsec > 50000000 && left.tv_nsec < 185000000 && now() - start < 0.15);
	alarm_in(20000);
	CHECK(read(fds[0], &c, 1) == -1 && errno == EINTR);
	sa.sa_flags = SA_RESTART;
	CHECK(sigaction(SIGALRM, &sa, NULL) == 0);
	alarm_in(20000);
	CHECK(poll(&p, 1, 5000) == -1 && errno == EINTR);	/* never restarted */
	alarm_in(20000);
	CHECK(epoll_wait(ep, &ev, 1, 5000) == -1 && errno == EINTR);
	alarm_in(20000);
	CHECK(nanosleep(&t, NULL) == -1 && errno == EINTR);
	alarm_in(20000);
	struct timespec end;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += 5;
	CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR);
	/* a read is: the writer comes after the signal */
	alarm_in(20000);
	if (fork() == 0) {
		usleep(80000);
		_exit(write(fds[1], "y", 1) != 1);
	}
	CHECK(read(fds[0], &c, 1) == 1 && c == 'y' && alarms == 1);
	/* ppoll lets in what is blocked otherwise */
	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGALRM);
	sigprocmask(SIG_BLOCK, &block, NULL);
	alarm_in(1000);
	usleep(20000);
	CHECK(alarms == 0);
	CHECK(ppoll(&p, 1, &t, &none) == -1 && errno == EINTR && alarms == 1);
	alarm_in(1000);
	CHECK(epoll_pwait(ep, &ev, 1, 1000, &none) == -1 && errno == EINTR && alarms == 1);
	alarm_in(1000);
	CHECK(pselect(0, NULL, NULL, NULL, &t, &none) == -1 && errno == EINTR && alarms == 1);
	sigprocmask(SIG_BLOCK, NULL, &none);
	CHECK(sigismember(&none, SIGALRM));
	sigprocmask(SIG_UNBLOCK, &block, NULL);
}

static void test_clocks(void)
{
	struct timespec a, b;
	struct timeval tv;
	struct tms tms;

	CHECK(clock_gettime(CLOCK_REALTIME, &a) == 0 && gettimeofday(&tv, NULL) == 0 &&
	      labs(tv.tv_sec - a.tv_sec) <= 1);
	CHECK(syscall(SYS_clock_gettime, CLOCK_REALTIME, &b) == 0 && labs(b.tv_sec - a.tv_sec) <= 1);
	CHECK(clock_getres(CLOCK_MONOTONIC, &a) == 0 && a.tv_nsec > 0);
	CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a) == 0 && times(&tms) > 0);
	CHECK(clock_gettime(9999, &a) == -1 && errno == EINVAL);
	CHECK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 8) == -1 && errno == EFAULT);
}

int main(void)
{
	test_poll();
	test_epoll();
	test_timerfd();
	test_timers();
	test_clocks();
	test_interrupts();
	return check_result();
}
