/* Host files and descriptors (file.h).  Any thread; no state. */
#include "host/file.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

int file_hide(int fd)
{
	struct rlimit limit;
	int high;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return fd;
	limit.rlim_cur = min_u64(limit.rlim_cur, 1024);	/* higher, and the kernel's table for them costs each fork */
	if (limit.rlim_cur < 64)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, (int)limit.rlim_cur - 32);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

i64 file_read_start(const char *path, void *buf, size_t len, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int code;

	if (fd < 0)
		return fail(err, errno, "%s: %s", path, strerror(errno));
	n = pread(fd, buf, len, 0);
	code = errno;
	close(fd);
	if (n < 0)
		return fail(err, code, "%s: %s", path, strerror(code));
	return n;
}
