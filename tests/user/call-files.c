/* File system calls: opening, links, stat forms, directories, attributes, locks, vectors,
 * descriptors. */
#define _GNU_SOURCE
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <time.h>

static char dir[] = "/tmp/mimus-files-XXXXXX";

static void test_open(void)
{
	struct stat st, st2;
	struct statx sx;
	char buf[64];
	int fd = open("a", O_RDWR | O_CREAT | O_EXCL, 0640);

	CHECK(fd >= 0);
	CHECK(write(fd, "0123456789", 10) == 10);
	CHECK(open("a", O_RDWR | O_CREAT | O_EXCL, 0640) == -1 && errno == EEXIST);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 10 && S_ISREG(st.st_mode) && st.st_nlink == 1);
	CHECK(stat("a", &st2) == 0 && st2.st_ino == st.st_ino && st2.st_dev == st.st_dev);
	CHECK(statx(AT_FDCWD, "a", 0, STATX_BASIC_STATS, &sx) == 0 && sx.stx_size == 10 && sx.stx_ino == st.st_ino);
	CHECK(st.st_blksize > 0 && st.st_mtim.tv_sec == sx.stx_mtime.tv_sec);
	CHECK(pread(fd, buf, 4, 3) == 4 && memcmp(buf, "3456", 4) == 0);
	CHECK(pwrite(fd, "xy", 2, 8) == 2);
	CHECK(lseek(fd, -2, SEEK_END) == 8 && read(fd, buf, 10) == 2 && buf[0] == 'x');
	CHECK(ftruncate(fd, 5) == 0 && fstat(fd, &st) == 0 && st.st_size == 5);
	CHECK(open("a/b", O_RDONLY) == -1 && errno == ENOTDIR);
	CHECK(open(".", O_RDONLY | O_DIRECTORY) >= 0);
	CHECK(open("a", O_RDONLY | O_DIRECTORY) == -1 && errno == ENOTDIR);
	CHECK((fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND)) == O_RDWR);
	CHECK(fcntl(fd, F_SETFL, O_APPEND) == 0 && (fcntl(fd, F_GETFL) & O_APPEND));
	CHECK(fallocate(fd, 0, 0, 100) == 0 || errno == EOPNOTSUPP);
	CHECK(close(fd) == 0 && close(fd) == -1 && errno == EBADF);
	memset(buf, 'x', sizeof(buf));
	char longname[5000];
	memset(longname, 'y', sizeof(longname));
	longname[4999] = 0;
	CHECK(open(longname, O_RDONLY) == -1 && errno == ENAMETOOLONG);
	CHECK(open((char *)8, O_RDONLY) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_openat2, AT_FDCWD, "a", (uint64_t[3]){ O_RDONLY, 0, 0x08 /* BENEATH */ },
		      24) >= 0 || errno == ENOSYS);
	CHECK(syscall(SYS_openat2, AT_FDCWD, "../", (uint64_t[3]){ O_RDONLY, 0, 0x08 }, 24) == -1);
	CHECK(syscall(SYS_openat2, AT_FDCWD, "a", (uint64_t[4]){ O_RDONLY, 0, 0, 1 }, 32) == -1 && errno == E2BIG);
}

static void test_links(void)
{
	char buf[PATH_MAX];
	struct stat st;

	CHECK(symlink("a", "l") == 0 && readlink("l", buf, sizeof(buf)) == 1 && buf[0] == 'a');
	CHECK(lstat("l", &st) == 0 && S_ISLNK(st.st_mode));
	CHECK(open("l", O_RDONLY | O_NOFOLLOW) == -1 && errno == ELOOP);
	CHECK(link("a", "h") == 0 && stat("a", &st) == 0 && st.st_nlink == 2);
	CHECK(rename("h", "h2") == 0 && access("h", F_OK) == -1 && access("h2", R_OK | W_OK) == 0);
	CHECK(renameat2(AT_FDCWD, "h2", AT_FDCWD, "a", RENAME_NOREPLACE) == -1 && errno == EEXIST);
	CHECK(mkdir("d", 0700) == 0 && rmdir("d") == 0);
	CHECK(mkfifo("f", 0600) == 0 && lstat("f", &st) == 0 && S_ISFIFO(st.st_mode));
	CHECK(unlink("h2") == 0 && unlink("l") == 0 && unlink("l") == -1 && errno == ENOENT);
	CHECK(chmod("a", 0600) == 0 && stat("a", &st) == 0 && (st.st_mode & 0777) == 0600);
	struct timespec times[2] = { { 1000, 5 }, { 2000, 7 } };
	CHECK(utimensat(AT_FDCWD, "a", times, 0) == 0 && stat("a", &st) == 0 && st.st_mtim.tv_sec == 2000 &&
	      st.st_mtim.tv_nsec == 7 && st.st_atim.tv_sec == 1000);
	CHECK(getcwd(buf, sizeof(buf)) && strcmp(buf, dir) == 0);
	ssize_t n = readlink("/proc/self/exe", buf, sizeof(buf) - 1);
	NEED(n > 0);
	buf[n] = 0;
	CHECK(access(buf, X_OK) == 0 && strstr(buf, "call-files"));
	CHECK(readlink("a", buf, 10) == -1 && errno == EINVAL);
}

static void test_directory(void)
{
	char name[32];
	int seen = 0;
	DIR *d;

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "many-%03d", i);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	d = opendir(".");
	NEED(d);
	for (struct dirent *e; (e = readdir(d));)
		seen += strncmp(e->d_name, "many-", 5) == 0 && e->d_type == DT_REG;
	closedir(d);
	CHECK(seen == 200);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "many-%03d", i);
		unlink(name);
	}
}

/* The emulator's own descriptors are not listed and cannot be closed. */
static void test_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int fd, listed = 0;

	NEED(d);
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		fd = (int)strtol(e->d_name, NULL, 10);
		CHECK(fcntl(fd, F_GETFD) >= 0);
		CHECK(fd < 1000);
		listed++;
	}
	closedir(d);
	CHECK(listed >= 3);
	fd = dup(1);
	CHECK(fd > 2 && dup2(fd, 60) == 60 && fcntl(60, F_GETFD) == 0);
	CHECK(dup3(fd, 61, O_CLOEXEC) == 61 && fcntl(61, F_GETFD) == FD_CLOEXEC);
	CHECK(fcntl(fd, F_DUPFD_CLOEXEC, 70) >= 70);
	CHECK(syscall(SYS_close_range, 60, ~0u, 0) == 0);
	CHECK(fcntl(60, F_GETFD) == -1 && errno == EBADF);
	/* the emulator still works */
	CHECK(access("/", F_OK) == 0);
	char exe[100];
	CHECK(readlink("/proc/self/exe", exe, sizeof(exe)) > 0);
}

static void test_vectors(void)
{
	char one[4], two[8];
	struct iovec out[2] = { { "abc", 3 }, { "defgh", 5 } }, in[2] = { { one, 4 }, { two, 4 } };
	struct iovec bad[1] = { { (void *)16, 4 } };
	int fd = open("v", O_RDWR | O_CREAT | O_TRUNC, 0600), p[2];
	off_t off = 0, off2;

	CHECK(writev(fd, out, 2) == 8);
	CHECK(preadv(fd, in, 2, 0) == 8 && memcmp(one, "abcd", 4) == 0 && memcmp(two, "efgh", 4) == 0);
	CHECK(pwritev(fd, out, 1, 6) == 3 && lseek(fd, 0, SEEK_END) == 9);
	CHECK(preadv2(fd, in, 2, 1, 0) == 8 && one[0] == 'b');
	CHECK(readv(fd, bad, 1) == 0);	/* at the end: nothing is read */
	lseek(fd, 0, SEEK_SET);
	CHECK(readv(fd, bad, 1) == -1 && errno == EFAULT);
	CHECK(readv(fd, in, -1) == -1 && errno == EINVAL);
	CHECK(readv(fd, in, 1025) == -1 && errno == EINVAL);
	CHECK(pipe(p) == 0);
	CHECK(sendfile(p[1], fd, &off, 5) == 5 && off == 5);
	CHECK(read(p[0], two, 5) == 5 && memcmp(two, "abcde", 5) == 0);
	off = 2;
	CHECK(splice(fd, &off, p[1], NULL, 3, 0) == 3 && off == 5 && read(p[0], two, 8) == 3 && two[0] == 'c');
	CHECK(vmsplice(p[1], out, 2, 0) == 8 && read(p[0], two, 8) == 8);
	off = 0;
	off2 = 20;
	CHECK(copy_file_range(fd, &off, fd, &off2, 4, 0) == 4 || errno == EXDEV || errno == EOPNOTSUPP);
	CHECK(fcntl(p[1], F_SETPIPE_SZ, 8192) == 8192 && fcntl(p[1], F_GETPIPE_SZ) == 8192);
	CHECK(tee(p[0], p[1], 1, SPLICE_F_NONBLOCK) == -1);
	close(p[0]);
	close(p[1]);
	close(fd);
}

static void test_locks(void)
{
	struct flock lk = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 5 };
	int fd = open("a", O_RDWR), fd2 = open("a", O_RDWR);

	CHECK(fcntl(fd, F_OFD_SETLK, &lk) == 0);
	lk.l_start = 0;
	lk.l_len = 0;
	CHECK(fcntl(fd2, F_OFD_GETLK, &lk) == 0 && lk.l_type == F_WRLCK && lk.l_start == 10 && lk.l_len == 5);
	CHECK(flock(fd, LOCK_EX) == 0 && flock(fd2, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
	CHECK(flock(fd, LOCK_UN) == 0);
	struct f_owner_ex own = { F_OWNER_PID, getpid() }, got = { 0 };
	CHECK(fcntl(fd, F_SETOWN_EX, &own) == 0 && fcntl(fd, F_GETOWN_EX, &got) == 0 && got.pid == getpid());
	CHECK(fcntl(fd, 9999, 0) == -1 && errno == EINVAL);
	CHECK(fcntl(fd, F_GETLK, (void *)8) == -1 && errno == EFAULT);
	close(fd);
	close(fd2);
}

static void test_memfd(void)
{
	int fd = memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char *p;

	CHECK(fd >= 0 && ftruncate(fd, 8192) == 0);
	p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	memcpy(p + 4096, "shared", 7);
	char buf[8];
	CHECK(pread(fd, buf, 8, 4096) == 8 && strcmp(buf, "shared") == 0);
	CHECK(munmap(p, 8192) == 0);
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE) == 0 && fcntl(fd, F_GET_SEALS) ==
	      (F_SEAL_SHRINK | F_SEAL_WRITE));
	CHECK(write(fd, "x", 1) == -1 && errno == EPERM);
	close(fd);
}

static void test_other(void)
{
	struct statfs fs;
	struct statvfs vfs;
	char buf[256] __attribute__((aligned(8))), value[16];
	struct inotify_event *e = (void *)buf;
	int in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), wd;

	CHECK(statfs(".", &fs) == 0 && fs.f_bsize > 0 && statvfs(".", &vfs) == 0 && vfs.f_namemax >= 100);
	CHECK(in >= 0);
	wd = inotify_add_watch(in, ".", IN_CREATE | IN_DELETE);
	CHECK(wd > 0);
	close(open("event", O_CREAT | O_WRONLY, 0600));
	CHECK(read(in, buf, sizeof(buf)) > 16 && e->wd == wd && (e->mask & IN_CREATE) &&
	      strcmp(e->name, "event") == 0);
	CHECK(inotify_rm_watch(in, wd) == 0);
	if (setxattr("event", "user.test", "value", 5, 0) == 0) {
		CHECK(getxattr("event", "user.test", value, sizeof(value)) == 5 && memcmp(value, "value", 5) == 0);
		CHECK(listxattr("event", buf, sizeof(buf)) >= 10);
		CHECK(removexattr("event", "user.test") == 0);
	} else {
		CHECK(errno == EOPNOTSUPP || errno == EPERM);
	}
	CHECK(syscall(SYS_fadvise64, open("a", O_RDONLY), 0L, 0L, POSIX_FADV_SEQUENTIAL) == 0);
	umask(022);
	CHECK(umask(077) == 022);
	/* the raw record form */
	int d = open(".", O_RDONLY | O_DIRECTORY);
	CHECK(syscall(SYS_getdents64, d, buf, 8) == -1 && errno == EINVAL);
	CHECK(syscall(SYS_getdents64, d, 8, 4096) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_getdents64, d, buf, sizeof(buf)) > 0);
	close(d);
}

int main(void)
{
	char cmd[64];

	NEED(mkdtemp(dir) && chdir(dir) == 0);
	test_open();
	test_links();
	test_directory();
	test_vectors();
	test_locks();
	test_memfd();
	test_other();
	test_descriptors();
	static const char *const left[] = { "a", "f", "v", "event" };
	for (unsigned i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		unlink(left[i]);
	CHECK(chdir("/") == 0);
	snprintf(cmd, sizeof(cmd), "%s", dir);
	CHECK(rmdir(cmd) == 0);
	return check_result();
}
