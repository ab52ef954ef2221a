/* The options of user mode: the table, and handing them on across execve.
 *
 * Names and environment twins are QEMU's where QEMU has the option.  -E and -U
 * edit a copy of the environment in the order given, so the last change to a
 * variable stays.  A guest program that the guest starts gets the same options
 * except those about this one start: -g, -0, -E, -U (already in its environment),
 * -root, -bind (already inside).
 * Main thread.
 */
#include "main/user_options.h"
#include "obj/module.h"
#include <stdlib.h>
#include <unistd.h>

enum { VALUE_MAX = 256 << 10, TEXT_MAX = 4 << 20 };

static const struct prop props[] = {
	PROP(struct user_options, gdb, NULL, NULL),
	PROP(struct user_options, sysroot, NULL, NULL),
	PROP(struct user_options, cpu, NULL, NULL),
	PROP(struct user_options, uname, NULL, NULL),
	PROP(struct user_options, argv0, NULL, NULL),
	PROP(struct user_options, accel, NULL, NULL),
	PROP(struct user_options, log, NULL, NULL),
	PROP(struct user_options, log_file, NULL, NULL),
	PROP(struct user_options, trace, NULL, NULL),
	PROP(struct user_options, seed, NULL, NULL),
	PROP(struct user_options, stack_size, 0, NULL),
	PROP(struct user_options, guest_base, GUEST_BASE_UNSET, NULL),
	PROP(struct user_options, reserved_va, 0, NULL),
	PROP(struct user_options, tb_size, 0, NULL),
	PROP(struct user_options, pagesize, 4096, NULL),
	PROP(struct user_options, fake_db, NULL, NULL),
	PROP(struct user_options, root, NULL, NULL),
	PROP(struct user_options, fake_root, false, NULL),
	PROP(struct user_options, strace, false, NULL),
	PROP(struct user_options, one_insn, false, NULL),
	PROP(struct user_options, perfmap, false, NULL),
	PROP(struct user_options, jitdump, false, NULL),
	PROP(struct user_options, help, false, NULL),
	PROP(struct user_options, version, false, NULL),
	{ 0 },
};

/* Where in the environment `name` (len characters before a '=') is, or its end. */
static size_t env_index(char *const *envp, const char *name, size_t len)
{
	size_t i = 0;

	while (envp[i] && (strncmp(envp[i], name, len) || envp[i][len] != '='))
		i++;
	return i;
}

static void env_remove(char **envp, const char *name, size_t len)
{
	size_t i = env_index(envp, name, len);

	if (!envp[i])
		return;
	free(envp[i]);
	for (; envp[i]; i++)
		envp[i] = envp[i + 1];
}

/* -E var=value[,var=value...] */
static int set_env(void *into, const char *arg, struct error *err)
{
	struct user_options *o = into;

	while (*arg) {
		size_t len = strcspn(arg, ","), name = strcspn(arg, "="), at;

		if (name == 0 || name >= len)
			return fail(err, EINVAL, "'%.*s' is not right: give var=value", (int)len,
				    arg);
		at = env_index(o->envp, arg, name);
		if (!o->envp[at]) {
			o->envp = xrealloc(o->envp, (at + 2) * sizeof *o->envp);
			o->envp[at + 1] = NULL;
		} else {
			free(o->envp[at]);
		}
		o->envp[at] = xasprintf("%.*s", (int)len, arg);
		arg += len + (arg[len] == ',');
	}
	return 0;
}

/* -U var[,var...] */
static int unset_env(void *into, const char *arg, struct error *err)
{
	struct user_options *o = into;

	while (*arg) {
		size_t len = strcspn(arg, ",");

		if (len == 0 || memchr(arg, '=', len))
			return fail(err, EINVAL, "'%.*s' is not the name of a variable", (int)len,
				    arg);
		env_remove(o->envp, arg, len);
		arg += len + (arg[len] == ',');
	}
	return 0;
}

/* --bind SRC:DST[:ro] or --bind SRC */
static int add_bind(void *into, const char *arg, struct error *err)
{
	struct user_options *o = into;
	const char *colon = strchr(arg, ':'), *to = colon ? colon + 1 : arg;
	size_t from_len = colon ? (size_t)(colon - arg) : strlen(arg), len = strcspn(to, ":");

	if (!from_len || to[0] != '/' || strspn(to, "/") == len || (colon && to[len] && strcmp(to + len, ":ro")))
		return fail(err, EINVAL, "'%s' is not right: give SRC:DST or SRC:DST:ro, with DST an "
			    "absolute path below the root", arg);
	o->binds = xrealloc(o->binds, (o->bind_count + 1) * sizeof *o->binds);
	o->binds[o->bind_count++] = (struct user_bind){
		.from = xasprintf("%.*s", (int)from_len, arg),
		.to = xasprintf("%.*s", (int)len, to),
		.read_only = colon && to[len],
	};
	return 0;
}

/* clang-format off */
static const struct option options[] = {
	{ "help", NULL, NULL, "print this text", "help" },
	{ "h", NULL, NULL, "the same", "help" },
	{ "version", NULL, "VERSION", "print the version", "version" },
	{ "L", "path", "LD_PREFIX", "look for the guest's libraries under 'path' first", "sysroot" },
	{ "root", "folder", NULL, "run in this root file system of any machine; program is found in it", "root" },
	{ "bind", "src:dst[:ro]", NULL, "show a host folder or file in -root; several by -bind again", NULL, add_bind },
	{ "cpu", "model", "CPU", "the CPU and its features; '-cpu help' lists them", "cpu" },
	{ "s", "size", "STACK_SIZE", "stack of the first thread, in bytes or with K, M, G", "stack_size" },
	{ "E", "var=value", "SET_ENV", "set a variable of the guest; several with commas, or -E again", NULL, set_env },
	{ "U", "var", "UNSET_ENV", "take a variable out of the guest's environment", NULL, unset_env },
	{ "0", "argv0", "ARGV0", "what the guest program sees as argv[0]", "argv0" },
	{ "r", "release", "UNAME", "the kernel release that uname reports", "uname" },
	{ "B", "address", "GUEST_BASE", "the host address at which guest address 0 is", "guest_base" },
	{ "R", "size", "RESERVED_VA", "reserve so much address space for the guest", "reserved_va" },
	{ "p", "size", "PAGESIZE", "page size; only 4096 is right", "pagesize" },
	{ "g", "port", "GDB", "wait for gdb on a TCP port or, with a /, on a Unix socket", "gdb" },
	{ "strace", NULL, "STRACE", "log system calls with arguments and results", "strace" },
	{ "d", "item,...", "LOG", "log these; '-d help' lists them", "log" },
	{ "D", "file", "LOG_FILENAME", "log to a file, not stderr; %d in it is the process id", "log_file" },
	{ "trace", "pattern", "TRACE", "turn on trace points; '-trace help' lists them", "trace" },
	{ "accel", "name", "ACCEL", "how guest code runs; '-accel help' lists the ways", "accel" },
	{ "one-insn-per-tb", NULL, "ONE_INSN_PER_TB", "one instruction a block (slow, for debugging)", "one_insn" },
	{ "singlestep", NULL, "SINGLESTEP", "the old name of that", "one_insn" },
	{ "tb-size", "MiB", "TB_SIZE", "size of the cache of translated code, in MiB", "tb_size" },
	{ "perfmap", NULL, "PERFMAP", "write /tmp/perf-PID.map for perf", "perfmap" },
	{ "jitdump", NULL, "JITDUMP", "write jit-PID.dump for perf", "jitdump" },
	{ "fake-root", NULL, "FAKE_ROOT", "let the program believe to be root", "fake_root" },
	{ "fake-root-db", "file", "FAKE_ROOT_DB", "where -fake-root keeps owners; else .mimus-owners in -root, -L or $HOME", "fake_db" },
	{ "seed", "number", "RAND_SEED", "make AT_RANDOM and getrandom repeatable", "seed" },
	{ 0 },
};
/* clang-format on */

const struct option_group user_option_group = {
	.name = "user",
	.usage = "[options] program [arguments...]",
	.intro = "Runs a Linux program made for another processor.",
	.props = props,
	.options = options,
};

static void add_group(void)
{
	option_group_add(&user_option_group);
}

MODULE(OPTS, user) = { .name = "user", .init = add_group };

void user_options_init(struct user_options *o)
{
	size_t count = 0;

	while (environ[count])
		count++;
	props_init(props, o);
	o->binds = NULL;
	o->bind_count = 0;
	o->envp = xcalloc(count + 1, sizeof *o->envp);
	for (size_t i = 0; i < count; i++)
		o->envp[i] = xstrdup(environ[i]);
}

void user_options_done(struct user_options *o)
{
	for (char **e = o->envp; e && *e; e++)
		free(*e);
	free(o->envp);
	o->envp = NULL;
	for (u32 i = 0; i < o->bind_count; i++) {
		free((char *)o->binds[i].from);
		free((char *)o->binds[i].to);
	}
	free(o->binds);
	o->binds = NULL;
	o->bind_count = 0;
	props_done(props, o);
}

/* Options about this one start only. */
static bool is_inherited(const struct option *o)
{
	static const char *const not[] = { "gdb", "argv0", "help", "version", "root" };

	for (size_t i = 0; i < ARRAY_SIZE(not); i++) {
		if (!o->prop || !strcmp(o->prop, not[i]))
			return false;
	}
	return strcmp(o->name, "singlestep") != 0;
}

/* Add an option's value, or nothing when it is the usual one. */
static void save_one(struct str *s, const struct option *opt, const struct user_options *o,
		     const struct user_options *usual)
{
	const struct prop *p = prop_find(props, opt->prop);
	static char value[VALUE_MAX], usual_value[VALUE_MAX];	/* start-up: one thread, pages untouched as a rule */
	struct str v = str_init(value, VALUE_MAX), u = str_init(usual_value, VALUE_MAX);

	prop_get(p, o, &v);
	prop_get(p, usual, &u);
	assert(!v.cut);		/* the kernel limits an argument to half of that */
	if (strcmp(value, usual_value)) {
		str_add(s, opt->arg ? "%s=" : "%s", opt->name);
		for (const char *from = value; opt->arg && *from; from++) {
			if (*from == '%' || *from == '\n')
				str_add(s, "%%%02X", (unsigned)*from);
			else
				str_putc(s, *from);
		}
		str_putc(s, '\n');
	}
}

char *user_options_save(const struct user_options *o)
{
	static char text[TEXT_MAX];
	struct str s = str_init(text, TEXT_MAX);
	struct user_options usual = { 0 };

	props_init(props, &usual);
	for (const struct option *opt = options; opt->name; opt++) {
		if (is_inherited(opt))
			save_one(&s, opt, o, &usual);
	}
	assert(!s.cut);
	user_options_done(&usual);
	return xstrdup(text);
}

/* Undo the escapes of save_one in place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (!strncmp(from, "%25", 3) || !strncmp(from, "%0A", 3)) {
			*to++ = from[1] == '2' ? '%' : '\n';
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = 0;
}

int user_options_load(struct user_options *o, char *text, struct error *err)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *value = memchr(text, '=', len), *next = text + len + (text[len] == '\n');
		int r;

		text[len] = 0;
		if (value) {
			*value++ = 0;
			unescape(value);
		}
		r = option_set(&user_option_group, o, text, value, err);
		if (r < 0)
			return r;
		text = next;
	}
	return 0;
}
