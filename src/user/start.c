/* Start of a guest program: from options to the run loop.
 *
 * user_main names the phases in order.  Two ways lead here: a command line, and execve by a guest (exec.c), which hands
 * over an open descriptor of the program, the signal mask and the name in a variable that is taken out again here.
 * binfmt_misc's flag O also gives an open descriptor (AT_EXECFD).
 * Main thread; nothing else runs yet.
 */
#include "user/fake.h"
#include "user/mm.h"
#include "user/path.h"
#include "user/program.h"
#include "base/log.h"
#include "base/str.h"
#include "host/file.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

struct process process;
int exec_self_fd = -1;

struct start {
	struct user_config cfg;		/* own copy: script words, environment */
	struct program program;
	bool by_execve;
	u64 sigmask;
	int filters;		/* seccomp filters to go on with, -1 none */
	int ids;		/* what fake_hand_over made, -1 none */
};

/* ---- our own descriptors ---- */

enum { KEPT_MAX = 8 };
static int kept[KEPT_MAX];
static u32 kept_count;

int fd_keep(int fd)
{
	assert(kept_count < KEPT_MAX);
	fd = file_hide(fd);
	kept[kept_count++] = fd;
	return fd;
}

bool fd_is_ours(int fd)
{
	for (u32 i = 0; i < kept_count; i++) {
		if (kept[i] == fd)
			return true;
	}
	return fd >= 0 && fd == log_fd() && fd > STDERR_FILENO;
}

/* ---- what runs ---- */

/* "EXEC_MARK" program's descriptor ',' ours ',' seccomp filters' ',' faked ids' ',' signal mask ','
 * name, in the environment's first place. */
static bool take_mark(struct start *s)
{
	char *const mark = s->cfg.envp[0];
	unsigned long long mask;
	int fd, self, filters, ids, at = 0;

	if (!mark || !str_starts(mark, EXEC_MARK) ||
	    sscanf(mark + strlen(EXEC_MARK), "%d,%d,%d,%d,%llx,%n", &fd, &self, &filters, &ids, &mask,
		   &at) < 5 || !at ||
	    fcntl(fd, F_GETFD) < 0 || fcntl(self, F_GETFD) < 0)
		return false;
	s->by_execve = true;
	s->sigmask = mask;
	s->filters = filters;
	s->ids = ids;
	s->cfg.envp++;
	s->program.fd = fd;
	exec_self_fd = self;
	process.execfn = xstrdup(mark + strlen(EXEC_MARK) + at);
	return true;
}

/* A script's words go before the arguments, in place of argv[0]. */
static void put_script_words(struct start *s)
{
	const struct program *p = &s->program;
	u32 argc = 0, n = 0;
	char **argv;

	if (!p->word_count)
		return;
	while (s->cfg.argv[argc])
		argc++;
	argv = xcalloc(argc + p->word_count + 1, sizeof *argv);
	for (u32 i = p->word_count; i-- > 0;)
		argv[n++] = xstrdup(p->word[i]);
	for (u32 i = 1; i < argc; i++)
		argv[n++] = s->cfg.argv[i];
	s->cfg.argv = argv;
}

static int open_program(struct start *s, struct error *err)
{
	struct program *p = &s->program;
	const char *name = s->cfg.program;
	unsigned long fd = getauxval(AT_EXECFD);	/* 0: there is none */
	int r;

	if (take_mark(s))
		return 0;
	process.execfn = xstrdup(name);
	if (fd && fcntl((int)fd, F_GETFD) >= 0) {	/* binfmt_misc opened it, perhaps what we may not read */
		p->fd = (int)fd;
		return 0;
	}
	r = program_open(p, AT_FDCWD, name, 0, err);
	if (r < 0)
		return r;
	put_script_words(s);
	if (p->target == process.target || (!p->word_count && p->machine))
		return 0;	/* elf_load tells what is wrong with another machine's */
	if (!p->machine && !p->word_count)
		return fail(err, ENOEXEC, "'%s': is not an ELF program", name);
	return fail(err, ENOEXEC, "'%s': its interpreter '%s' is not a program for %s", name,
		    p->word[p->word_count - 1], process.target->name);
}

/* Absolute path, as /proc/self/exe shows it. */
static char *path_of(int fd, const char *otherwise)
{
	char link[40], buf[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, buf, sizeof buf - 1);
	if (n <= 0)
		return xstrdup(otherwise);
	buf[n] = 0;
	return xstrdup(buf);
}

/* The name's last part; a file that was named by descriptor alone has its own name. */
static void set_comm(void)
{
	const char *name = process.execfn, *slash;

	if (str_starts(name, "/dev/fd/") && !strchr(name + 8, '/'))
		name = process.exe;
	slash = strrchr(name, '/');
	snprintf(process.comm, sizeof process.comm, "%s", slash ? slash + 1 : name);
	prctl(PR_SET_NAME, process.comm);
}

static void keep_descriptors(struct start *s)
{
	if (exec_self_fd < 0)
		exec_self_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (exec_self_fd < 0 && getauxval(AT_EXECFN))
		exec_self_fd = open((const char *)getauxval(AT_EXECFN), O_PATH | O_CLOEXEC);
	if (exec_self_fd >= 0)
		exec_self_fd = fd_keep(exec_self_fd);
	process.exe_fd = fd_keep(s->program.fd);
	process.exe = path_of(process.exe_fd, s->cfg.program);
}

static int set_up_cpu(struct vcpu **ret_cpu, struct error *err)
{
	struct object *object = &process.cfg->cpu->object;
	gva sp;
	int r = object_realize(object, err);

	if (r < 0)
		return r;
	object->class->reset(object);
	signal_init();
	r = elf_load(process.cfg->program, process.exe_fd, err);
	if (r < 0)
		return r;
	sp = stack_build(err);
	if (!sp)
		return -err->code;
	*ret_cpu = cpu_take_vcpu(process.cfg->cpu);
	process.abi->start(*ret_cpu, process.entry, sp);
	return 0;
}

int user_main(const struct user_config *cfg, struct error *err)
{
	struct start *s = xnew(struct start);
	struct vcpu *cpu = NULL;
	struct task *task;
	int r;

	s->cfg = *cfg;
	s->program.fd = -1;
	s->ids = -1;
	process.cfg = &s->cfg;
	process.target = cfg->target;
	process.abi = cfg->target->linux_abi;
	process.exe_fd = -1;
	if (!process.abi)
		return fail(err, ENOTSUP, "there is no user mode for %s", cfg->target->name);
	r = path_init(err);
	if (r == 0)
		r = open_program(s, err);
	if (r < 0)
		return r;
	if (cfg->argv0 && s->cfg.argv[0] && !s->by_execve)
		s->cfg.argv[0] = (char *)cfg->argv0;
	r = mm_init(err);
	if (r < 0)
		return r;
	keep_descriptors(s);
	set_comm();
	r = fake_start(s->ids, err);
	if (r < 0)
		return r;
	r = set_up_cpu(&cpu, err);
	if (r < 0)
		return r;
	vcpu_list_add(cpu);
	task = task_new(cpu);
	if (s->by_execve) {
		task->sigmask = s->sigmask;
		if (seccomp_take_over(task, s->filters) < 0)
			return fail(err, EINVAL, "the seccomp filters of the program before this one are damaged");
	}
	signal_thread_init(task);
	if (cfg->gdb) {
		r = user_debug_start(cpu, err);
		if (r < 0)
			return r;
	}
	task_run(task);
}
