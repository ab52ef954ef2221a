/* Files of /proc that would tell about the emulator instead of the guest.
 *
 * A path is looked at only when its last part is one of the names below; then its folder is opened
 * and must be in a procfs, and the descriptor's own link says which process or thread it belongs
 * to: so relative paths, links to folders, "..", and descriptors all work.  The text goes to a
 * memfd, which the guest gets as its file.
 * cmdline, environ and auxv are the kernel's own where it accepted the guest's addresses (stack.c),
 * for other processes too.  Not modelled: links whose own name is none of these, other processes'
 * maps and exe, the guest's sizes in status and statm; /proc/self/mem needs guest_base 0 (EACCES
 * otherwise).
 * Any thread; takes mm's lock for maps.
 * Spec: proc(5).
 */
#include "user/fake.h"
#include "user/mm.h"
#include "user/path.h"
#include "base/str.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PROC_MAGIC = 0x9fa0, PROC_ROOT_INODE = 1, HOST_TEXT_MAX = 64 << 10 };

enum proc_place { PLACE_NONE, PLACE_ROOT, PLACE_SELF, PLACE_KERNEL };

/* ---- texts ---- */

/* A file of the host as heap text, NULL when it cannot be read. */
static char *host_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return NULL;
	text = xcalloc(1, HOST_TEXT_MAX + 1);
	while (len < HOST_TEXT_MAX && (n = read(fd, text + len, HOST_TEXT_MAX - len)) > 0)
		len += (size_t)n;
	close(fd);
	return text;
}

static char *maps_text(u64 *ret_len)
{
	char *text = mm_maps_text(false);

	*ret_len = strlen(text);
	return text;
}

static char *smaps_text(u64 *ret_len)
{
	char *text = mm_maps_text(true);

	*ret_len = strlen(text);
	return text;
}

static char *guest_bytes(gva from, gva to, u64 *ret_len)
{
	char *text = xcalloc(1, to - from + 1);

	*ret_len = to - from;
	if (guest_read(text, from, to - from) < 0)
		*ret_len = 0;
	return text;
}

static char *cmdline_text(u64 *ret_len)
{
	return process.host_shows_args ? NULL : guest_bytes(process.arg_start, process.arg_end, ret_len);
}

static char *environ_text(u64 *ret_len)
{
	return process.host_shows_args ? NULL : guest_bytes(process.env_start, process.env_end, ret_len);
}

static char *auxv_text(u64 *ret_len)
{
	return process.host_shows_args ? NULL : guest_bytes(process.auxv, process.auxv + process.auxv_len, ret_len);
}

static char *cpuinfo_text(u64 *ret_len)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	char *text = process.abi->cpuinfo ? process.abi->cpuinfo(process.cfg->cpu->model, n > 0 ? (u32)n : 1) : NULL;

	*ret_len = text ? strlen(text) : 0;
	return text;
}

static char *osrelease_text(u64 *ret_len)
{
	char *text = process.cfg->uname_release ? xasprintf("%s\n", process.cfg->uname_release) : NULL;

	*ret_len = text ? strlen(text) : 0;
	return text;
}

/* Field 28, the stack's start, and 26 and 27, the code, in the guest's addresses. */
static char *stat_text(u64 *ret_len)
{
	AUTO_FREE char *host = NULL;
	char *text, *p;
	struct str s;

	if (process.host_shows_args && !guest_base)
		return NULL;
	host = host_text("/proc/self/stat");
	p = host ? strrchr(host, ')') : NULL;
	if (!p)
		return NULL;
	text = xcalloc(1, HOST_TEXT_MAX);
	s = str_init(text, HOST_TEXT_MAX);
	str_add(&s, "%.*s", (int)(p - host), host);
	for (u32 field = 2; *p; field++) {
		size_t len = strcspn(p + 1, " ") + 1;

		if (field == 26 || field == 27)
			str_add(&s, " %llu", (unsigned long long)process.program_entry + (field == 27));
		else if (field == 28)
			str_add(&s, " %llu", (unsigned long long)process.stack_start);
		else
			str_add(&s, "%.*s", (int)len, p);
		p += len;
	}
	*ret_len = s.len;
	return text;
}

/* The guest's signal masks instead of ours, which catch nearly everything. */
static char *status_text(u64 *ret_len)
{
	AUTO_FREE char *host = host_text("/proc/thread-self/status");
	u64 ignored = 0, caught = 0;
	char *text;
	struct str s;

	if (!host)
		return NULL;
	for (u32 sig = 1; sig <= LINUX_NSIG; sig++) {
		gva handler = process.action[sig].handler;

		ignored |= (u64)(handler == 1) << (sig - 1);
		caught |= (u64)(handler > 1) << (sig - 1);
	}
	text = xcalloc(1, HOST_TEXT_MAX);
	s = str_init(text, HOST_TEXT_MAX);
	for (const char *p = host; *p;) {
		size_t len = strcspn(p, "\n") + 1;

		if (str_starts(p, "SigBlk:"))
			str_add(&s, "SigBlk:\t%016llx\n",
				(unsigned long long)(task_current ? task_current->sigmask : 0));
		else if (str_starts(p, "SigIgn:"))
			str_add(&s, "SigIgn:\t%016llx\n", (unsigned long long)ignored);
		else if (str_starts(p, "SigCgt:"))
			str_add(&s, "SigCgt:\t%016llx\n", (unsigned long long)caught);
		else if (!fake_status_line(task_current, p, &s))
			str_add(&s, "%.*s", (int)len, p);
		p += min_u64(len, strlen(p));
	}
	*ret_len = s.len;
	return text;
}

/* ---- which file a path is ---- */

static const struct proc_file {
	const char *name;
	enum proc_place place;
	char *(*text)(u64 *ret_len);	/* NULL result: the host's file is right */
} files[] = {
	{ "maps", PLACE_SELF, maps_text },	{ "smaps", PLACE_SELF, smaps_text },
	{ "cmdline", PLACE_SELF, cmdline_text },	{ "environ", PLACE_SELF, environ_text },
	{ "auxv", PLACE_SELF, auxv_text },	{ "stat", PLACE_SELF, stat_text },
	{ "status", PLACE_SELF, status_text },	{ "mem", PLACE_SELF, NULL },
	{ "exe", PLACE_SELF, NULL },		{ "cpuinfo", PLACE_ROOT, cpuinfo_text },
	{ "osrelease", PLACE_KERNEL, osrelease_text },
};

static const struct proc_file *find_file(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (u32 i = 0; i < ARRAY_SIZE(files); i++) {
		if (!strcmp(files[i].name, name))
			return &files[i];
	}
	return NULL;
}

/* The place that the end of a procfs folder's path names: .../PID, .../PID/task/TID, .../sys/kernel. */
static enum proc_place place_of(const char *link)
{
	AUTO_FREE char *self = xasprintf("/%d", (int)getpid());
	AUTO_FREE char *tasks = xasprintf("/%d/task/", (int)getpid());
	const char *task = strstr(link, tasks);

	if (str_ends(link, self) && !str_ends(link, "/task"))
		return task || !strstr(link, "/task/") ? PLACE_SELF : PLACE_NONE;
	if (task && !strchr(task + strlen(tasks), '/'))
		return PLACE_SELF;
	return str_ends(link, "/sys/kernel") ? PLACE_KERNEL : PLACE_NONE;
}

static enum proc_place find_place(int dirfd, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX], link[40];
	enum proc_place place = PLACE_NONE;
	struct statfs fs;
	struct stat st;
	ssize_t n;
	int fd;

	if (strlen(path) >= sizeof folder)
		return PLACE_NONE;
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	fd = openat(dirfd, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return PLACE_NONE;
	if (!fstatfs(fd, &fs) && fs.f_type == PROC_MAGIC && !fstat(fd, &st)) {
		if (st.st_ino == PROC_ROOT_INODE) {
			place = PLACE_ROOT;
		} else {
			snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
			n = readlink(link, folder, sizeof folder - 1);
			folder[n > 0 ? n : 0] = 0;
			place = place_of(folder);
		}
	}
	close(fd);
	return place;
}

bool proc_is_exe(int dirfd, const char *path)
{
	return find_place(dirfd, path) == PLACE_SELF;
}

static i64 give_text(const struct proc_file *f, int flags)
{
	u64 len = 0;
	AUTO_FREE char *text = f->text(&len);
	int fd;

	if (!text)
		return -ENOSYS;
	if ((flags & O_ACCMODE) != O_RDONLY)
		return -EACCES;
	fd = (int)syscall(SYS_memfd_create, f->name, flags & O_CLOEXEC ? 1u : 0u);
	if (fd < 0)
		return -errno;
	for (u64 at = 0; at < len;) {
		ssize_t n = pwrite(fd, text + at, len - at, (off_t)at);

		if (n <= 0) {
			close(fd);
			return -ENOMEM;
		}
		at += (u64)n;
	}
	return fd;
}

i64 proc_open(int dirfd, const char *path, int flags)
{
	const struct proc_file *f = find_file(path);
	char link[40];
	int fd;

	if (likely(!f) || find_place(dirfd, path) != f->place)
		return -ENOSYS;
	if (f->text)
		return flags & O_PATH ? -ENOSYS : give_text(f, flags);
	if (!strcmp(f->name, "mem"))
		return guest_base ? -EACCES : -ENOSYS;
	if (flags & O_NOFOLLOW)
		return flags & O_PATH ? -ENOSYS : -ELOOP;
	snprintf(link, sizeof link, "/proc/self/fd/%d", process.exe_fd);
	fd = open(link, flags);
	return fd < 0 ? -errno : fd;
}

i64 proc_readlink(int dirfd, const char *path, char *buf, u64 size)
{
	const char *slash = strrchr(path, '/');
	u64 len;

	if (likely(strcmp(slash ? slash + 1 : path, "exe")) || !process.exe || !proc_is_exe(dirfd, path))
		return -ENOSYS;
	len = min_u64(strlen(process.exe), size);
	memcpy(buf, process.exe, len);
	return (i64)len;
}
