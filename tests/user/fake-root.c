/* --fake-root: owners, modes, devices and ids as root would have them, also in a program that is executed after.
 * run: -fake-root -fake-root-db /tmp/mimus-test-owners
 */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

static struct stat get(const char *path)
{
	struct stat st = { 0 };

	CHECK(lstat(path, &st) == 0);
	return st;
}

static void test_files(void)
{
	struct stat st;
	int fd = open("f", O_CREAT | O_RDWR, 0);

	NEED(fd >= 0);
	CHECK(fstat(fd, &st) == 0 && st.st_uid == 0 && st.st_gid == 0);
	CHECK(fchown(fd, 12, 34) == 0 && fchmod(fd, 04400) == 0);
	CHECK(rename("f", "g") == 0);
	st = get("g");
	CHECK(st.st_uid == 12 && st.st_gid == 34 && st.st_mode == (S_IFREG | 04400));
	CHECK(access("g", R_OK | W_OK) == 0 && access("g", X_OK) == -1);
	CHECK(open("g", O_WRONLY) >= 0);	/* root may, whatever the mode */
	CHECK(chown("g", -1, 35) == 0);
	st = get("g");
	CHECK(st.st_uid == 12 && st.st_gid == 35 && st.st_mode == (S_IFREG | 0400));
	/* a file that takes its place is nobody's heir */
	CHECK(unlink("g") == 0 && close(fd) == 0 && close(open("g", O_CREAT | O_RDWR, 0644)) == 0);
	st = get("g");
	CHECK(st.st_uid == 0 && st.st_mode == (S_IFREG | 0644));
	CHECK(symlink("g", "l") == 0 && lchown("l", 5, 6) == 0);
	CHECK(get("l").st_uid == 5 && get("l").st_gid == 6 && get("g").st_uid == 0);
	CHECK(mkdir("d", 0755) == 0 && chmod("d", 02050) == 0 && get("d").st_mode == (S_IFDIR | 02050));
	CHECK(mkdir("d/in", 0700) == 0 && rmdir("d/in") == 0 && rmdir("d") == 0);
}

static void test_nodes(void)
{
	struct statx sx;
	struct stat st;

	CHECK(mknod("null", S_IFCHR | 0600, makedev(1, 3)) == 0);
	st = get("null");
	CHECK(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3) && (st.st_mode & 07777) == 0600);
	CHECK(chown("null", 0, 5) == 0 && chmod("null", 0620) == 0);
	CHECK(statx(AT_FDCWD, "null", 0, STATX_BASIC_STATS, &sx) == 0 && S_ISCHR(sx.stx_mode) &&
	      sx.stx_rdev_major == 1 && sx.stx_rdev_minor == 3 && sx.stx_gid == 5 && (sx.stx_mode & 0777) == 0620);
	CHECK(mknod("disk", S_IFBLK | 0600, makedev(8, 1)) == 0 && S_ISBLK(get("disk").st_mode));
	CHECK(mkfifo("fifo", 0600) == 0 && chown("fifo", 7, 7) == 0 && get("fifo").st_uid == 7);
}

static uint64_t effective(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	CHECK(syscall(SYS_capget, &h, d) == 0);
	return d[0].effective | (uint64_t)d[1].effective << 32;
}

/* In a child: ids down and up, files made on the way. */
static void test_ids(void)
{
	gid_t groups[3] = { 10, 20, 30 }, seen[8];
	uid_t r, e, s;
	char line[100];
	FILE *f;

	CHECK(getuid() == 0 && geteuid() == 0 && getgid() == 0 && effective() == (1ull << 41) - 1);
	CHECK(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) == 1);
	CHECK(setgroups(3, groups) == 0 && getgroups(8, seen) == 3 && seen[2] == 30);
	CHECK(setegid(100) == 0 && seteuid(42) == 0 && geteuid() == 42 && getuid() == 0 && effective() == 0);
	CHECK(chown("g", 1, 1) == -1 && errno == EPERM);
	CHECK(setgroups(0, NULL) == -1 && errno == EPERM);
	CHECK(close(open("theirs", O_CREAT | O_RDWR, 0644)) == 0);
	CHECK(get("theirs").st_uid == 42 && get("theirs").st_gid == 100);
	CHECK(seteuid(0) == 0 && effective() != 0);
	CHECK(setresuid(42, 42, 42) == 0 && setuid(0) == -1 && errno == EPERM && seteuid(0) == -1);
	CHECK(getresuid(&r, &e, &s) == 0 && r == 42 && e == 42 && s == 42);
	f = fopen("/proc/self/status", "r");
	NEED(f);
	while (fgets(line, sizeof line, f) && strncmp(line, "Uid:", 4))
		;
	CHECK(!strcmp(line, "Uid:\t42\t42\t42\t42\n"));
}

static int run(void (*fn)(void))
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		fn();
		_exit(check_result());
	}
	return waitpid(child, &status, 0) == child ? status : -1;
}

/* Drop ids and execute a copy of ourselves that is set-user-id 77. */
static void test_exec(void)
{
	CHECK(setgid(43) == 0 && setuid(42) == 0);
	execl("./suid", "suid", "again", (char *)NULL);
	CHECK(!"execl");
}

static int again(void)
{
	struct stat st = get("suid");

	CHECK(getuid() == 42 && geteuid() == 77 && getgid() == 43 && getegid() == 43);
	CHECK(getauxval(AT_UID) == 42 && getauxval(AT_EUID) == 77 && getauxval(AT_SECURE) == 1);
	CHECK(st.st_uid == 77 && st.st_mode == (S_IFREG | 04755));
	return check_result();
}

static void copy_self(void)
{
	char buf[4096];
	int in = open("/proc/self/exe", O_RDONLY), out = open("suid", O_CREAT | O_WRONLY, 0700);
	ssize_t n;

	NEED(in >= 0 && out >= 0);
	while ((n = read(in, buf, sizeof buf)) > 0)
		NEED(write(out, buf, (size_t)n) == n);
	close(in);
	close(out);
	CHECK(chown("suid", 77, 78) == 0 && chmod("suid", 04755) == 0);
}

int main(int argc, char **argv)
{
	static const char *const made[] = { "f", "g", "l", "null", "disk", "fifo", "theirs", "suid" };
	char folder[] = "/tmp/mimus-fake-XXXXXX";

	if (argc > 1)
		return again();
	NEED(mkdtemp(folder) && chdir(folder) == 0);
	test_files();
	test_nodes();
	CHECK(run(test_ids) == 0);
	copy_self();
	CHECK(run(test_exec) == 0);
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		unlink(made[i]);
	CHECK(rmdir(folder) == 0);
	return check_result();
}
