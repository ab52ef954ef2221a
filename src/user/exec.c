/* execve and execveat: what runs next in this process.
 *
 * A guest's program continues in a fresh Mimus: the kept descriptor of our own binary is executed
 * with
 *     argv = { "mimus-exec", FD, PATH, guest's argv... }   envp = { EXEC_MARK..., guest's envp... }
 * where FD is a memfd with the options (user_config.core_options) and the mark names the program's
 * descriptor, the guest's signal mask and AT_EXECFN; start.c takes it out.  So binfmt_misc is not
 * needed and nothing of ours shows in the guest.  A program of the host's own machine is executed
 * directly.  All that Linux checks before the point of no return is checked here first.
 *
 * A child of vfork shares our memory, so nothing is allocated on the heap for good: short argument
 * lists live on the stack, long ones in a mapping (which such a child leaves behind in its parent:
 * a known leak). Signals are blocked from the last check on: what arrives stays pending for the new
 * program.
 * Not modelled: a change of dumpable or credentials by set-user-id guest programs (binfmt_misc's
 * flag C does that).
 * Own thread; other threads end when the host's execve succeeds.
 * Spec: execve(2), execveat(2).
 */
#include "user/fake.h"
#include "user/mm.h"
#include "user/path.h"
#include "user/program.h"
#include "user/syscall.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	NEAR_BYTES = 24 << 10,		/* argument lists of this size live on the stack */
	ARG_BYTES_MAX = 128 << 10,	/* one string: MAX_ARG_STRLEN */
	LEAST_LIMIT = 128 << 10,
	FRONT = SCRIPT_WORDS + 3,	/* free places before argv[0] */
};
#define GREATEST_LIMIT (6 * MiB)

struct exec {
	char **argv, **envp;	/* FRONT places free before argv, one before envp */
	u64 argc;
	char *mapped;		/* a mapping that holds all this, or NULL */
	u64 mapped_len;
	struct program program;
};

/* ---- arguments ---- */

/* Bytes that arguments and environment may take together, pointers included. */
static u64 arg_limit(void)
{
	struct rlimit stack;

	if (getrlimit(RLIMIT_STACK, &stack) < 0)
		return LEAST_LIMIT;
	return max_u64(min_u64(stack.rlim_cur / 4, GREATEST_LIMIT), LEAST_LIMIT);
}

static u32 word_log2(void)
{
	return process.target->elf_class == ELFCLASS64 ? 3 : 2;
}

static i64 count_words(gva list, u64 limit)
{
	u64 n = 0, v;

	for (; list; n++) {
		if (n * 8 > limit)
			return -E2BIG;
		if (!guest_load(list + (n << word_log2()), word_log2(), &v))
			return -EFAULT;
		if (!v)
			break;
	}
	return (i64)n;
}

struct room {
	char *at;
	u64 left;	/* of the buffer */
	u64 limit;	/* of all arguments */
};

/* Copy count strings: 0, -errno, or -ENOSPC when the buffer is too small. */
static i64 copy_strings(struct room *room, char **to, gva list, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		u64 va, want = min_u64(ARG_BYTES_MAX, room->limit);
		i64 n;

		if (!guest_load(list + (i << word_log2()), word_log2(), &va))
			return -EFAULT;
		n = guest_read_string(room->at, va, min_u64(want, room->left));
		if (n == -ENAMETOOLONG)
			return want > room->left ? -ENOSPC : -E2BIG;
		if (n < 0)
			return n;
		to[i] = room->at;
		room->at += n + 1;
		room->left -= (u64)n + 1;
		room->limit -= (u64)n + 1;
	}
	to[count] = NULL;
	return 0;
}

static i64 gather_into(struct exec *x, char *buf, u64 len, gva argv, gva envp, u64 argc, u64 envc, u64 limit)
{
	static char empty[] = "";
	u64 pointers = (FRONT + max_u64(argc, 1) + 1 + 1 + envc + 1) * sizeof(char *);
	struct room room = { buf + pointers, len - pointers, limit };
	i64 r;

	if (pointers >= len)
		return -ENOSPC;
	x->argv = (char **)(void *)buf + FRONT;
	x->envp = x->argv + max_u64(argc, 1) + 2;
	x->argc = argc;
	r = copy_strings(&room, x->envp, envp, envc);
	if (r == 0)
		r = copy_strings(&room, x->argv, argv, argc);
	if (r == 0 && argc == 0) {	/* Linux gives a program at least an empty name */
		x->argv[0] = empty;
		x->argv[1] = NULL;
		x->argc = 1;
	}
	return r;
}

static i64 gather(struct exec *x, char *near_buf, gva argv, gva envp)
{
	const u64 limit = arg_limit();
	i64 argc = count_words(argv, limit), envc = count_words(envp, limit), r;
	u64 pointers;

	x->mapped = NULL;
	if (argc < 0 || envc < 0)
		return argc < 0 ? argc : envc;
	pointers = (u64)(argc + envc) * 8;
	if (pointers > limit)
		return -E2BIG;
	r = gather_into(x, near_buf, NEAR_BYTES, argv, envp, (u64)argc, (u64)envc, limit - pointers);
	if (r != -ENOSPC)
		return r;
	x->mapped_len = align_up(limit + (FRONT + 8) * sizeof(char *) + GUEST_PAGE, GUEST_PAGE);
	x->mapped = mmap(NULL, x->mapped_len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (x->mapped == MAP_FAILED) {
		x->mapped = NULL;
		return -ENOMEM;
	}
	r = gather_into(x, x->mapped, x->mapped_len, argv, envp, (u64)argc, (u64)envc, limit - pointers);
	return r == -ENOSPC ? -E2BIG : r;
}

/* argv[0] gives way to the words of scripts. */
static void put_script_words(struct exec *x)
{
	const struct program *p = &x->program;

	if (!p->word_count)
		return;
	x->argv++;
	for (u32 i = 0; i < p->word_count; i++)
		*--x->argv = (char *)p->word[i];
}

/* ---- signals across the host's execve ---- */

struct held {
	u64 mask;		/* host's mask before */
	u64 changed;		/* signals whose disposition was set to SIG_IGN */
	struct sigaction old[LINUX_NSIG + 1];
};

static void set_host_mask(u64 mask, u64 *ret_old)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, ret_old, sizeof mask);
}

/* What the guest ignores, the new program ignores. */
static void hold_signals(struct held *h)
{
	const struct linux_sigaction *actions = signal_actions();
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	set_host_mask(~(u64)0, &h->mask);
	h->changed = 0;
	for (int sig = 1; sig <= LINUX_NSIG; sig++) {
		if (actions[sig].handler == 1 && sigaction(sig, NULL, &h->old[sig]) == 0 &&
		    h->old[sig].sa_handler != SIG_IGN && sigaction(sig, &ignore, NULL) == 0)
			h->changed |= (u64)1 << (sig - 1);
	}
}

static void release_signals(const struct held *h)
{
	for (int sig = 1; sig <= LINUX_NSIG; sig++) {
		if (h->changed & (u64)1 << (sig - 1))
			sigaction(sig, &h->old[sig], NULL);
	}
	set_host_mask(h->mask, NULL);
}

static u64 guest_mask(void)
{
	return task_current ? task_current->sigmask : 0;
}

/* ---- the last step ---- */

static bool write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static i64 run_guest(struct exec *x)
{
	const char *options = process.cfg->core_options ? process.cfg->core_options : "";
	char mark[sizeof x->program.name + 96], fd_text[16], path[40];
	struct program *p = &x->program;
	struct held held;
	i64 r;
	int fd, self, filters = -1, ids = -1, owners = -1;

	if (exec_self_fd < 0)
		return -ENOENT;
	fd = (int)syscall(SYS_memfd_create, "mimus", 0);
	if (fd < 0)
		return -errno;
	self = fcntl(exec_self_fd, F_DUPFD, fd + 1);	/* the next one may not find itself under /proc */
	if (self < 0 || !write_all(fd, options) || fcntl(p->fd, F_SETFD, 0) < 0) {
		r = -errno;
		goto out;
	}
	r = seccomp_hand_over(task_current, &filters);
	if (r == 0)
		r = fake_hand_over(task_current, p->fd, &ids, &owners);
	if (r < 0)
		goto out;
	snprintf(mark, sizeof mark, EXEC_MARK "%d,%d,%d,%d,%llx,%s", p->fd, self, filters, ids,
		 (unsigned long long)guest_mask(), p->name);
	snprintf(fd_text, sizeof fd_text, "%d", fd);
	snprintf(path, sizeof path, "/proc/self/fd/%d", p->fd);
	*--x->envp = mark;
	/* /proc/self/fd names are another file there */
	*--x->argv = p->by_fd || !strncmp(p->path, "/proc/", 6) ? path : p->path;
	*--x->argv = fd_text;
	*--x->argv = (char *)"mimus-exec";
	hold_signals(&held);
	r = syscall(SYS_execveat, exec_self_fd, "", x->argv, x->envp, AT_EMPTY_PATH) ? -errno : 0;
	release_signals(&held);
out:
	if (filters >= 0)
		close(filters);
	if (ids >= 0)
		close(ids);
	if (owners >= 0)
		close(owners);
	if (self >= 0)
		close(self);
	close(fd);
	return r;
}

static i64 run_native(struct exec *x, int flags)
{
	struct program *p = &x->program;
	struct held held;
	i64 r;

	hold_signals(&held);
	set_host_mask(guest_mask(), NULL);
	if (p->by_fd || (flags & AT_SYMLINK_NOFOLLOW))
		r = syscall(SYS_execveat, p->fd, "", x->argv, x->envp, AT_EMPTY_PATH);
	else
		r = syscall(SYS_execve, p->path, x->argv, x->envp);
	r = r ? -errno : 0;
	release_signals(&held);
	return r;
}

/* The host runs it: programs of its own machine unless that is the guest's, and what only it may know. */
static bool is_native(const struct program *p)
{
	if (!p->target)
		return true;
	return (p->machine == EM_X86_64 || p->machine == EM_386) && p->machine != process.target->elf_machine;
}

/* Headers of the program and its interpreter, as Linux looks at them before it gives up the old program. */
static int check_guest(const struct program *p)
{
	char buf[PATH_MAX];
	struct elf_image e, interp;
	struct error err;
	int fd, r = elf_read(&e, p->fd, p->target, false, &err);

	if (r < 0)
		return r == -EINVAL ? -ENOEXEC : r;
	if (e.interp[0]) {
		fd = open(path_interp(e.interp, p->target, buf), O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			r = -errno;
		} else {
			r = elf_read(&interp, fd, p->target, true, &err);
			elf_done(&interp);
			close(fd);
		}
	}
	elf_done(&e);
	return r;
}

static i64 exec_gathered(struct exec *x, int dirfd, const char *path, int flags)
{
	struct error err;
	i64 r = program_open(&x->program, dirfd, path, flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW), &err);

	if (r < 0)
		return r;
	if (!is_native(&x->program))
		r = check_guest(&x->program);
	if (r == 0 && !(flags & EXECVE_CHECK)) {
		put_script_words(x);
		r = is_native(&x->program) ? run_native(x, flags) : run_guest(x);
	}
	close(x->program.fd);
	return r;
}

static i64 exec_guest_args(int dirfd, gva path_va, gva argv, gva envp, int flags)
{
	char near_buf[NEAR_BYTES] __attribute__((aligned(16))), path[PATH_MAX];
	struct exec x;
	i64 r;

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | EXECVE_CHECK))
		return -EINVAL;
	r = guest_read_string(path, path_va, sizeof path);
	if (r < 0)
		return r;
	if (!path[0] && !(flags & AT_EMPTY_PATH))
		return -ENOENT;
	r = gather(&x, near_buf, argv, envp);
	if (r == 0)
		r = exec_gathered(&x, dirfd, path, flags);
	if (x.mapped)
		munmap(x.mapped, x.mapped_len);
	return r;
}

i64 sys_execve(struct call *c)
{
	return exec_guest_args(AT_FDCWD, c->arg[0], c->arg[1], c->arg[2], 0);
}

i64 sys_execveat(struct call *c)
{
	return exec_guest_args((int)c->arg[0], c->arg[1], c->arg[2], c->arg[3], (int)c->arg[4]);
}
