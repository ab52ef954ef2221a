/* Identity, limits, scheduling, system information, prctl, terminals, random bytes, keys, odd
 * calls. */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <termios.h>

static void test_system(void)
{
	struct utsname u;
	struct sysinfo si;
	struct rusage ru;
	unsigned cpu, node;
	char bytes[300] = { 0 };

	CHECK(uname(&u) == 0 && !strcmp(u.sysname, "Linux"));
#if defined(__riscv)
	CHECK(!strcmp(u.machine, "riscv64"));
#endif
	CHECK(sysinfo(&si) == 0 && si.totalram > 0 && si.mem_unit > 0);
	CHECK(getrusage(RUSAGE_SELF, &ru) == 0 && ru.ru_maxrss > 0);
	CHECK(syscall(SYS_getcpu, &cpu, &node, NULL) == 0 && cpu < 4096);
	CHECK(getrandom(bytes, sizeof(bytes), 0) == 300 && getrandom(NULL, 8, 0) == -1 && errno == EFAULT);
	CHECK(syscall(5000) == -1 && errno == ENOSYS);
	CHECK(syscall(SYS_ptrace, 0, 0, 0, 0) != -1 || errno != EFAULT);
}

static void test_identity(void)
{
	uid_t r, e, s;
	gid_t groups[64];

	CHECK(getresuid(&r, &e, &s) == 0 && r == getuid() && e == geteuid());
	CHECK(getgroups(64, groups) >= 0);
	CHECK(getpgid(0) == getpgrp() && getsid(0) > 0 && getppid() > 0);
	CHECK(setpgid(0, 0) == 0 || errno == EPERM);
	CHECK(syscall(SYS_setfsuid, -1) == (long)geteuid());
	CHECK(getpriority(PRIO_PROCESS, 0) >= -20 && setpriority(PRIO_PROCESS, 0, 5) == 0 &&
	      getpriority(PRIO_PROCESS, 0) == 5);
}

static void test_limits(void)
{
	struct rlimit l = { 100, 200 }, m;

	CHECK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 64, 128 }) == 0 && getrlimit(RLIMIT_NOFILE,
		&m) == 0 && m.rlim_cur == 64);
	CHECK(setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }) == 0);
	l.rlim_cur = l.rlim_max = 1ul << 33;
	CHECK(setrlimit(RLIMIT_AS, &l) == 0 && getrlimit(RLIMIT_AS, &m) == 0 && m.rlim_cur == 1ul << 33);
	l.rlim_cur++;
	CHECK(setrlimit(RLIMIT_AS, &l) == -1 && errno == EINVAL);
	CHECK(prlimit(0, 9999, NULL, &m) == -1 && errno == EINVAL);
	void *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED && mlock(p, 4096) == 0 && munlock(p, 4096) == 0);
	CHECK(mlock((void *)-8192L, 4096) == -1);
}

static void test_sched(void)
{
	cpu_set_t set;
	struct sched_param sp;
	struct { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t prio; uint64_t rt[3];
	uint32_t util[2]; } attr;

	CHECK(sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0);
	CHECK(sched_setaffinity(0, sizeof(set), &set) == 0);
	CHECK(sched_getscheduler(0) == SCHED_OTHER && sched_getparam(0, &sp) == 0 && sp.sched_priority == 0);
	CHECK(sched_get_priority_max(SCHED_FIFO) == 99 && sched_yield() == 0);
	CHECK(syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0) == 0 && attr.policy ==
	      SCHED_OTHER && attr.nice == 5);
}

static void test_prctl(void)
{
	char name[16] = "";

	CHECK(prctl(PR_SET_NAME, "short") == 0 && prctl(PR_GET_NAME, name) == 0 && !strcmp(name, "short"));
	CHECK(prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_GET_DUMPABLE) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0);
	CHECK(prctl(PR_SET_PDEATHSIG, 0) == 0 && prctl(PR_GET_SECCOMP) == 0);
	CHECK(prctl(PR_CAPBSET_READ, 0) >= 0 && prctl(99999) == -1 && errno == EINVAL);
	CHECK(personality(0xffffffff) >= 0);
}

static void test_tty(void)
{
	struct termios t, t2;
	struct winsize ws = { 30, 90, 0, 0 }, got = { 0 };
	int m = posix_openpt(O_RDWR | O_NOCTTY), s, n = -1;

	if (m < 0)
		return;
	CHECK(grantpt(m) == 0 && unlockpt(m) == 0 && ioctl(m, TIOCGPTN, &n) == 0 && n >= 0);
	s = open(ptsname(m), O_RDWR | O_NOCTTY);
	CHECK(s >= 0 && isatty(s) && tcgetattr(s, &t) == 0);
	t2 = t;
	cfmakeraw(&t2);
	t2.c_cc[VMIN] = 3;
	CHECK(tcsetattr(s, TCSANOW, &t2) == 0 && tcgetattr(s, &t) == 0 && !(t.c_lflag & ICANON) && t.c_cc[VMIN] == 3);
	CHECK(cfsetspeed(&t, B115200) == 0 && tcsetattr(s, TCSADRAIN, &t) == 0 && tcgetattr(s, &t2) == 0 &&
	      cfgetospeed(&t2) == B115200);
	CHECK(ioctl(m, TIOCSWINSZ, &ws) == 0 && ioctl(s, TIOCGWINSZ, &got) == 0 && got.ws_col == 90);
	CHECK(write(m, "abc", 3) == 3);
	for (int i = 0; i < 500 && ioctl(s, FIONREAD, &n) == 0 && n != 3; i++)
		usleep(1000);	/* the kernel carries it over by a work queue */
	CHECK(n == 3);
	CHECK(ioctl(s, TCGETS, (void *)8) == -1 && errno == EFAULT);
	CHECK(tcflush(s, TCIOFLUSH) == 0);
	close(s);
	close(m);
}

static void test_keys(void)
{
	char buf[64];
	long key = syscall(SYS_add_key, "user", "mimus", "secret", 6L, -2L);	/* process keyring */

	if (key < 0)
		return;
	CHECK(syscall(SYS_keyctl, 11L, key, buf, 64L) == 6 && !memcmp(buf, "secret", 6));
	CHECK(syscall(SYS_keyctl, 6L, key, buf, 64L) > 5);
	CHECK(syscall(SYS_keyctl, 10L, -2L, "user", "mimus", 0L) == key);
	CHECK(syscall(SYS_keyctl, 11L, key, 8L, 64L) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_keyctl, 9999L) == -1);
}

int main(void)
{
	test_system();
	test_identity();
	test_limits();
	test_sched();
	test_prctl();
	test_tty();
	test_keys();
	return check_result();
}
