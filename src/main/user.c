/* User mode: from the command line to a running guest program.
 *
 * user_role below names the phases in order.  A program that the guest starts
 * with execve comes in as
 *     argv = { "mimus-exec", FD, PATH, guest argv[0], ... }
 * where FD is a memfd holding struct user_config's core_options and the
 * environment is the guest's, as it is: neither variables nor options of ours
 * show in the guest.
 * Main thread; nothing else runs yet.
 */
#include "base/log.h"
#include "base/trace.h"
#include "cpu/accel.h"
#include "cpu/cpu.h"
#include "cpu/target.h"
#include "ctl/gdb.h"
#include "host/cpu.h"
#include "host/file.h"
#include "main/role.h"
#include "main/user_options.h"
#include "obj/module.h"
#include "user/user.h"
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AT_FLAGS_KEEP_ARGV0 = 1 };	/* binfmt_misc flag P: linux/binfmts.h */
enum { TB_SIZE_MAX = 2048 };		/* MiB: code must reach itself with 32 bits */

struct start {
	struct user_options opt;
	struct user_config cfg;
	bool by_execve;
};

/* Options, when a guest program was started by a guest. */
static int load_inherited(struct start *s, const char *fd_text, struct error *err)
{
	struct stat st;
	char *text;
	u64 fd;
	int r;

	if (!str_to_u64(fd_text, false, &fd) || fd > INT32_MAX || fstat((int)fd, &st) < 0)
		return fail(err, EINVAL, "the name mimus-exec is for our own use");
	text = xcalloc(1, (size_t)st.st_size + 1);
	r = pread((int)fd, text, (size_t)st.st_size, 0) == st.st_size ?
		    user_options_load(&s->opt, text, err) :
		    fail(err, EIO, "cannot read the options of the starting program");
	close((int)fd);
	free(text);
	return r;
}

/* Returns the index in argv of the program. */
static int read_options(struct start *s, int argc, char **argv, struct error *err)
{
	int r;

	if (s->by_execve) {
		r = argc < 4 ? fail(err, EINVAL, "the name mimus-exec is for our own use") :
			       load_inherited(s, argv[1], err);
		return r < 0 ? r : 2;
	}
	r = options_from_env(&user_option_group, &s->opt, err);
	if (r < 0)
		return r;
	return options_parse(&user_option_group, &s->opt, argc, argv, err);
}

static void list_accels(void)
{
	for (u32 i = 0; accel_each(i); i++)
		printf("%-8s  %s\n", accel_each(i)->name, accel_each(i)->help);
}

static void list_models(const struct target *target)
{
	const struct type *t;

	printf("CPU models of %s:\n", target->name);
	for (u32 i = 0; (t = type_each(i)); i++) {
		char name[CPU_MODEL_NAME_MAX];
		struct str s = STR(name);

		if (cpu_type_model(target, t, &s))
			printf("  %-12s %s%s\n", name, t->help,
			       strcmp(name, target->cpu_default) ? "" : " (default)");
	}
	printf("Properties, to change by +NAME, -NAME or NAME=VALUE after a comma:\n");
	for (t = type_find(target->cpu_type); t; t = t->parent ? type_find(t->parent) : NULL)
		for (const struct prop *p = t->props; p && p->name; p++)
			printf("  %-12s %s\n", p->name, p->help);
}

static void list_cpus(const struct target *target)
{
	const struct target *each;

	for (u32 i = 0; (each = target_each(i)); i++)
		if (!target || target == each)
			list_models(each);
}

static void list_log_items(void)
{
	const char *name, *help;

	for (u32 i = 0; (name = log_describe(i, &help)); i++)
		printf("%-14s  %s\n", name, help);
}

static void list_trace_points(void)
{
	const struct trace_key *k;

	for (u32 i = 0; (k = trace_point(i)); i++)
		printf("%s:%s\n", k->module, k->format);
}

static bool is_help(const char *text)
{
	return text && (!strcmp(text, "help") || !strcmp(text, "?"));
}

/* Options that print something and end.  True when one was there. */
static bool print_and_end(const struct start *s, const char *program)
{
	if (s->opt.help) {
		AUTO_FREE char *text = options_help(&user_option_group,
						      program);

		fputs(text, stdout);
	} else if (s->opt.version) {
		printf("mimus version %s\n", MIMUS_VERSION);
	} else if (is_help(s->opt.cpu)) {
		list_cpus(s->cfg.target);
	} else if (is_help(s->opt.accel)) {
		list_accels();
	} else if (is_help(s->opt.log)) {
		list_log_items();
	} else if (is_help(s->opt.trace)) {
		list_trace_points();
	} else {
		return false;
	}
	return true;
}

static int start_trace(char *patterns, struct error *err)
{
	for (char *p = patterns; p && *p;) {
		size_t len = strcspn(p, ",");
		bool last = !p[len];
		char *next = p + len + 1;

		p[len] = 0;
		if (str_starts(p, "enable="))
			p += 7;
		if (!trace_enable(p))
			return fail(err, EINVAL, "option '-trace': no trace point matches '%s'; "
				    "'-trace help' lists them", p);
		p = last ? NULL : next;
	}
	return 0;
}

static int start_log(struct start *s, struct error *err)
{
	char *patterns = s->opt.trace ? xstrdup(s->opt.trace) : NULL;
	u32 mask = 0;
	int r = 0, fd;

	if (s->opt.log)
		r = log_parse(s->opt.log, &mask, err);
	if (r == 0 && s->opt.log_file)
		r = log_open(s->opt.log_file, s->by_execve, err);
	if (r == 0)
		r = start_trace(patterns, err);
	free(patterns);
	if (r < 0)
		return r;
	if (s->opt.strace)
		mask |= LOG_STRACE;
	s->cfg.strace = (mask & LOG_STRACE) != 0;
	/* The guest may close or reuse its standard error. */
	if (mask || s->opt.log_file || s->opt.trace) {
		fd = s->opt.log_file ? log_fd() : dup(STDERR_FILENO);
		if (fd >= 0)
			log_use(file_hide(fd));
	}
	__atomic_store_n(&log_mask, mask, __ATOMIC_RELAXED);
	return 0;
}

/* The guest that the program's ELF header names. */
static int find_target(const char *program, const struct target **ret_target, struct error *err)
{
	Elf64_Ehdr h = { 0 };
	i64 n = file_read_start(program, &h, sizeof h, err);
	const struct target *t;

	if (n < 0)
		return (int)n;
	if (n < 20 || memcmp(h.e_ident, ELFMAG, SELFMAG) != 0)
		return fail(err, ENOEXEC, "%s: not an ELF program; name the guest, as in "
			    "mimus-riscv64", program);
	t = target_find_elf(h.e_machine, h.e_ident[EI_CLASS], h.e_ident[EI_DATA]);
	if (!t)
		return fail(err, ENOEXEC, "%s: made for a machine (ELF number %u) that is not "
			    "among the guests", program, h.e_machine);
	*ret_target = t;
	return 0;
}

/* The program and its arguments; argv[0] is the program's path. */
static int take_program(struct start *s, int argc, char **argv, struct error *err)
{
	if (argc < 1)
		return fail(err, EINVAL, "no program given; '-help' lists the options");
	s->cfg.program = argv[0];
	s->cfg.argv = argv;
	if (s->by_execve || (argc > 1 && getauxval(AT_FLAGS) & AT_FLAGS_KEEP_ARGV0))
		s->cfg.argv = argv + 1;
	s->cfg.argv0 = s->opt.argv0;
	s->cfg.envp = s->opt.envp;
	return 0;
}

static int take_options(struct start *s, struct error *err)
{
	struct user_options *o = &s->opt;
	struct user_config *c = &s->cfg;

	assert(c->target);
	if (o->pagesize != 4096)
		return fail(err, EINVAL, "option '-p': only pages of 4096 bytes are there");
	if (o->seed && !str_to_u64(o->seed, false, &c->seed))
		return fail(err, EINVAL, "option '-seed': '%s' is not a number", o->seed);
	c->seed_set = o->seed != NULL;
	c->sysroot = o->sysroot;
	c->uname_release = o->uname;
	c->gdb = o->gdb;
	c->stack_size = o->stack_size;
	c->guest_base_set = o->guest_base != GUEST_BASE_UNSET;
	c->guest_base = c->guest_base_set ? o->guest_base : 0;
	if (c->guest_base % 4096)
		return fail(err, EINVAL, "option '-B': not a multiple of the page size");
	c->reserved_va = o->reserved_va;
	c->fake_root = o->fake_root;
	if (o->fake_root && !o->fake_db) {
		const char *folder = o->root ? "" : o->sysroot ? o->sysroot : getenv("HOME");

		if (!folder)
			return fail(err, EINVAL, "option '-fake-root': no $HOME; give -fake-root-db");
		o->fake_db = xasprintf("%s/.mimus-owners", folder);
	}
	c->fake_db = o->fake_db;
	c->one_insn = o->one_insn;
	c->core_options = user_options_save(o);
	return cpu_new(c->target, o->cpu, &c->cpu, err);
}

static int start_accel(struct start *s, struct error *err)
{
	struct accel_config cfg = {
		.tb_size = s->opt.tb_size * MiB,
		.one_insn = s->opt.one_insn,
		.perfmap = s->opt.perfmap,
		.jitdump = s->opt.jitdump,
	};
	const char *name = s->opt.accel ? s->opt.accel : "tcg";

	if (s->opt.tb_size > TB_SIZE_MAX)
		return fail(err, EINVAL, "option '-tb-size': give at most %d", TB_SIZE_MAX);
	if (!strcmp(name, "tcg") && host_cpu_level() < 3) {
		if (!s->by_execve)
			fputs("mimus: this processor is older than x86-64-v3 (AVX2, BMI2, FMA): "
			      "interpreting, which is slow\n", stderr);
		name = "interp";
	}
	s->cfg.accel = accel_find(name);
	if (!s->cfg.accel)
		return fail(err, EINVAL, "option '-accel': there is no '%s'; '-accel help' lists "
			    "the ways", name);
	s->cfg.cpu->accel = s->cfg.accel;
	return s->cfg.accel->init(&cfg, err);
}

/* The libraries of a dynamic program are not in the root: the static one beside it goes on. */
static int hand_over_static(char **argv, struct error *err)
{
	static char name[] = "mimus-user";
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof name);
	char *slash;

	if (n < 0)
		return fail(err, errno, "/proc/self/exe: %s", strerror(errno));
	path[n] = 0;
	slash = strrchr(path, '/');
	assert(slash);
	memcpy(slash + 1, name, sizeof name);
	argv[0] = name;
	execv(path, argv);
	return fail(err, errno, "option '-root' needs the static program '%s': %s", path, strerror(errno));
}

static int enter_root(struct start *s, char **argv, struct error *err)
{
	if (!s->opt.root)
		return s->opt.bind_count ? fail(err, EINVAL, "option '-bind' goes with -root") : 0;
	if (s->opt.sysroot)
		return fail(err, EINVAL, "options '-root' and '-L': give one of them");
	if (getauxval(AT_BASE))
		return hand_over_static(argv, err);
	return user_root_enter(s->opt.root, s->opt.binds, s->opt.bind_count, err);
}

/* Which guest it is: with -root by what would run, which the host does itself if it can. */
static int pick_target(struct start *s, struct error *err)
{
	char **argv = s->cfg.argv, *name = argv[0], *path;
	int r;

	if (!s->opt.root)
		return s->cfg.target ? 0 : find_target(s->cfg.program, &s->cfg.target, err);
	if (s->opt.argv0)
		argv[0] = s->opt.argv0;
	r = user_root_find_program(s->cfg.program, argv, s->opt.envp, &path, &s->cfg.target, err);
	argv[0] = name;
	if (r == 0)
		s->cfg.program = path;
	return r;
}

/* all: the whole command line, argv: from the program on. */
static int start_program(struct start *s, char **all, int argc, char **argv, struct error *err)
{
	int r = argc < 1 || s->by_execve ? 0 : enter_root(s, all, err);

	if (r == 0)
		r = start_log(s, err);
	if (r == 0)
		r = take_program(s, argc, argv, err);
	if (r == 0)
		r = pick_target(s, err);
	if (r == 0)
		r = take_options(s, err);
	if (r == 0)
		r = start_accel(s, err);
	user_gdb_hook = gdb_start;
	if (r == 0)
		return user_main(&s->cfg, err);
	if (s->cfg.cpu)
		object_free(&s->cfg.cpu->object);
	return r;
}

static int user_role(const char *guest, int argc, char **argv, struct error *err)
{
	struct start s = { 0 };
	int r = host_check(err);

	if (r < 0)
		return r;
	module_call_init(MODULE_QOM);
	module_call_init(MODULE_OPTS);
	s.by_execve = guest && !strcmp(guest, "exec");
	if (guest && !s.by_execve) {
		s.cfg.target = target_find(guest);
		if (!s.cfg.target)
			return fail(err, EINVAL, "'%s' is neither a role nor a guest; "
				    "'mimus -help' lists both", guest);
	}
	user_options_init(&s.opt);
	r = read_options(&s, argc, argv, err);
	if (r >= 0)
		r = print_and_end(&s, argv[0]) ? 0 :
						 start_program(&s, argv, argc - r, argv + r, err);
	free((char *)s.cfg.core_options);
	user_options_done(&s.opt);
	return r;
}

ROLE(user) = {
	.name = "user",
	.help = "run a Linux program made for another processor",
	.main = user_role,
};
