/* From a path to the file that would run: permission, `#!` lines, whose machine it is.
 *
 * The host is asked whether it would execute the file (AT_EXECVE_CHECK, Linux 6.14), or else the
 * same is worked out from access and mount flags.  A `#!` line names an interpreter, which may be a
 * script again, five deep.
 * Not modelled: on kernels without AT_EXECVE_CHECK, ETXTBSY for a file that is open for writing;
 * files that may be executed but not read go to the host (a guest's among them fail with ENOEXEC
 * there).
 * Any thread; no state.
 * Spec: execve(2), fs/binfmt_script.c's rules as execve(2) tells them.
 */
#include "user/path.h"
#include "user/program.h"
#include "base/str.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static int may_execute(int fd)
{
	static char *const none[] = { NULL };
	struct statvfs fs;
	struct stat st;

	if (!syscall(SYS_execveat, fd, "", none, none, AT_EMPTY_PATH | EXECVE_CHECK))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (!fstatvfs(fd, &fs) && (fs.f_flag & ST_NOEXEC)))
		return -EACCES;
	if (!syscall(SYS_faccessat2, fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS))
		return 0;
	if (errno != ENOSYS)
		return -errno;
	return st.st_mode & 0111 ? 0 : -EACCES;
}

/* A file that can be executed, open for reading if that is allowed. */
static int open_file(struct program *p, int dirfd, const char *path, int flags)
{
	const int follow = flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0;
	int fd, r;

	if (!path[0] && (flags & AT_EMPTY_PATH)) {
		p->by_fd = true;
		snprintf(p->path, sizeof p->path, "/proc/self/fd/%d", dirfd);
		fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ENXIO))
			fd = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
	} else {
		const char *host = path_host_follow(dirfd, path, p->path);

		if (strlen(host) >= sizeof p->path)
			return -ENAMETOOLONG;
		p->by_fd = host[0] != '/' && dirfd != AT_FDCWD;
		if (host != p->path)
			memmove(p->path, host, strlen(host) + 1);
		fd = openat(dirfd, p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow);
		if (fd < 0 && errno == EACCES)	/* perhaps it may be executed all the same */
			fd = openat(dirfd, p->path, O_PATH | O_CLOEXEC | follow);
	}
	if (fd < 0)
		return errno == ENXIO || errno == EISDIR ? -EACCES : -errno;
	r = may_execute(fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Take a `#!` line apart in place: 0, or -ENOEXEC.  *ret_arg is NULL when there is none. */
static int split_line(char *line, size_t len, char **ret_interp, char **ret_arg)
{
	char *end = memchr(line, '\n', len), *p = line + 2, *interp;

	*ret_arg = NULL;
	if (!end) {
		/* Cut off, or the file's end: good as long as the interpreter's name is whole. */
		end = line + len;
		if (len == SCRIPT_LINE) {
			char *q = p;

			while (q < end && is_blank(*q))
				q++;
			while (q < end && *q && !is_blank(*q))
				q++;
			if (q == end)
				return -ENOEXEC;
		}
	}
	*end = 0;
	end = line + strlen(line);
	while (end > p && is_blank(end[-1]))
		*--end = 0;
	while (is_blank(*p))
		p++;
	if (!*p)
		return -ENOEXEC;
	interp = p;
	while (*p && !is_blank(*p))
		p++;
	if (*p) {
		*p++ = 0;
		while (is_blank(*p))
			p++;
		*ret_arg = p;
	}
	*ret_interp = interp;
	return 0;
}

/* Guest of an ELF file, by its first bytes. */
static void see_elf(struct program *p, const u8 *head, size_t len)
{
	Elf64_Ehdr h;

	if (len < sizeof(Elf32_Ehdr) || memcmp(head, ELFMAG, SELFMAG))
		return;
	memcpy(&h, head, min_u64(len, sizeof h));
	p->machine = h.e_ident[EI_DATA] == ELFDATA2MSB ? (u16)(h.e_machine >> 8 | h.e_machine << 8) : h.e_machine;
	p->elf_class = h.e_ident[EI_CLASS];
	p->target = target_find_elf(p->machine, h.e_ident[EI_CLASS], h.e_ident[EI_DATA]);
	if (p->target && !p->target->linux_abi)
		p->target = NULL;
}

static void set_name(struct program *p, int dirfd, const char *path)
{
	if (path[0] == '/' || dirfd == AT_FDCWD)
		snprintf(p->name, sizeof p->name, "%s", path);
	else if (!path[0])
		snprintf(p->name, sizeof p->name, "/dev/fd/%d", dirfd);
	else
		snprintf(p->name, sizeof p->name, "/dev/fd/%d/%s", dirfd, path);
}

int program_open(struct program *p, int dirfd, const char *path, int flags, struct error *err)
{
	const char *looking = path;

	p->target = NULL;
	p->machine = 0;
	p->word_count = 0;
	if (strlen(path) >= PATH_MAX)
		return fail(err, ENAMETOOLONG, "the name is too long");
	set_name(p, dirfd, path);
	for (u32 depth = 0;; depth++) {
		u8 head[SCRIPT_LINE];
		char *interp, *arg, *line;
		ssize_t n;
		int r = open_file(p, depth ? AT_FDCWD : dirfd, looking, depth ? 0 : flags);

		if (r < 0)
			return fail(err, -r, "'%s': %s", looking, strerror(-r));
		p->fd = r;
		n = pread(p->fd, head, sizeof head, 0);
		if (n < 0 && errno != EBADF) {
			r = errno;
			close(p->fd);
			return fail(err, r, "'%s': %s", looking, strerror(r));
		}
		if (n < 2 || head[0] != '#' || head[1] != '!') {
			see_elf(p, head, n < 0 ? 0 : (size_t)n);
			return 0;
		}
		close(p->fd);
		if (depth == SCRIPT_DEPTH)
			return fail(err, ELOOP, "'%s': interpreters are scripts more than five deep", path);
		line = p->line[depth];
		memcpy(line, head, (size_t)n);
		line[n] = 0;
		r = split_line(line, (size_t)n, &interp, &arg);
		if (r < 0)
			return fail(err, -r, "'%s': no interpreter in its first line", looking);
		/* argv[0] becomes interpreter, argument, script: kept backwards, as the next level
		 * puts more in front. */
		if (!p->word_count)
			p->word[p->word_count++] = p->name;
		if (arg)
			p->word[p->word_count++] = arg;
		p->word[p->word_count++] = interp;
		looking = interp;
	}
}
