/* The role that lets the kernel start guest programs: mimus binfmt register|unregister|status
 * [GUEST...].
 *
 * An entry mimus-GUEST of binfmt_misc is made for each guest that the host does not run itself
 * (user/binfmt.c).  The interpreter is the static mimus-user beside this program, by the name
 * mimus-GUEST if that is there.  Flags: F opens it now, so that containers and roots without it
 * work; P keeps the program's argv[0]; O hands over the program open, so one that may be executed
 * but not read runs; C, by -credentials only, takes user and capabilities from the program: with it
 * a set-user-id program works, and mimus-user runs with that user's rights. binfmt_misc is mounted
 * if it is not.  Since Linux 6.7 a user namespace can have its own. Main thread. Spec: Linux
 * Documentation/admin-guide/binfmt-misc.rst.
 */
#include "base/str.h"
#include "cpu/target.h"
#include "main/role.h"
#include "obj/option.h"
#include "user/user.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

struct binfmt_options {
	char *program, *folder;
	bool credentials, dry_run, help;
};

static const struct prop props[] = {
	PROP(struct binfmt_options, program, NULL, NULL),
	PROP(struct binfmt_options, folder, "/proc/sys/fs/binfmt_misc", NULL),
	PROP(struct binfmt_options, credentials, false, NULL),
	PROP(struct binfmt_options, dry_run, false, NULL),
	PROP(struct binfmt_options, help, false, NULL),
	{ 0 },
};

static const struct option_group group = {
	.name = "binfmt",
	.usage = "[options] register|unregister|status [guest...]",
	.intro = "Tells the kernel (binfmt_misc) to start programs of other machines with "
		 "mimus-user; needs root rights.",
	.props = props,
	.options =
	    OPTIONS({ "help", NULL, NULL, "print this text", "help" },
		    { "program", "file", NULL,
		      "the static program to use; usual: mimus-user beside this one", "program" },
		    { "credentials", NULL, NULL, "flag C: set-user-id programs get their rights",
		      "credentials" },
		    { "dry-run", NULL, NULL, "print what would be written", "dry_run" },
		    { "folder", "path", NULL, "where binfmt_misc is mounted", "folder" }),
};

/* The file that the entry of a guest stands for; caller frees. */
static char *entry_path(const struct binfmt_options *o, const char *name)
{
	return xasprintf("%s/%s", o->folder, name);
}

static int write_text(const char *path, const char *text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return fail(err, errno, "%s: %s%s", path, strerror(errno),
			    errno == EACCES || errno == EPERM ? ": run this as root" : "");
	r = write(fd, text, strlen(text)) < 0
		? fail(err, errno, "%s: %s: the kernel refused '%s'", path, strerror(errno), text)
		: 0;
	close(fd);
	return r;
}

/* -program, or beside this program mimus-GUEST or mimus-user; caller frees. */
static int find_program(const struct binfmt_options *o, const char *guest, char **ret,
			struct error *err)
{
	char self[PATH_MAX];
	const char *names[] = { guest, "user" };
	ssize_t n;

	if (o->program) {
		*ret = realpath(o->program, NULL);
		return *ret ? 0 : fail(err, errno, "%s: %s", o->program, strerror(errno));
	}
	n = readlink("/proc/self/exe", self, sizeof self - 1);
	if (n < 0)
		return fail(err, errno, "/proc/self/exe: %s", strerror(errno));
	self[n] = 0;
	*strrchr(self, '/') = 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *user = xasprintf("%s/mimus-user", self);
		char *path = xasprintf("%s/mimus-%s", self, names[i]);

		if (access(path, X_OK) == 0 && access(user, X_OK) == 0) {
			*ret = path;
			return 0;
		}
		free(path);
	}
	return fail(err, ENOENT, "no static mimus-user in %s; give -program", self);
}

/* ---- the commands: each is called for each guest ---- */

static int register_one(const struct binfmt_options *o, const struct target *t, const char *name,
			struct error *err)
{
	char line[PATH_MAX];
	struct str s = STR(line);
	AUTO_FREE char *entry = entry_path(o, name), *all = entry_path(o, "register"),
		       *program = NULL;
	int r = find_program(o, t->name, &program, err);

	if (r < 0)
		return r;
	user_binfmt_line(&s, t, program, o->credentials ? "FPOC" : "FPO");
	if (s.cut || strchr(program, ':'))
		return fail(err, EINVAL, "%s: a path that binfmt_misc cannot take", program);
	if (o->dry_run) {
		printf("%s\n", line);
		return 0;
	}
	if (access(entry, F_OK) == 0)
		r = write_text(entry, "-1", err);
	if (r == 0)
		r = write_text(all, line, err);
	if (r == 0)
		printf("%s: programs are started with %s\n", t->name, program);
	return r;
}

static int unregister_one(const struct binfmt_options *o, const struct target *t, const char *name,
			  struct error *err)
{
	AUTO_FREE char *entry = entry_path(o, name);
	int r;

	if (access(entry, F_OK) < 0) {
		printf("%s: not registered\n", t->name);
		return 0;
	}
	r = o->dry_run ? 0 : write_text(entry, "-1", err);
	if (r == 0)
		printf("%s: no longer registered\n", t->name);
	return r;
}

static int show_one(const struct binfmt_options *o, const struct target *t, const char *name,
		    struct error *err)
{
	AUTO_FREE char *entry = entry_path(o, name);
	char line[PATH_MAX + 16], state[16], program[PATH_MAX], flags[16];
	struct str state_str = STR(state), program_str = STR(program), flags_str = STR(flags);
	FILE *f = fopen(entry, "re");

	if (!f) {
		printf("%s: not registered\n", t->name);
		return 0;
	}
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = 0;
		if (!strcmp(line, "enabled") || !strcmp(line, "disabled"))
			str_puts(&state_str, line);
		else if (str_starts(line, "interpreter "))
			str_puts(&program_str, line + 12);
		else if (str_starts(line, "flags: "))
			str_puts(&flags_str, line + 7);
	}
	fclose(f);
	printf("%s: %s, %s, flags %s\n", t->name, state, program, flags);
	return 0;
}

static const struct command {
	const char *name;
	bool writes;
	int (*one)(const struct binfmt_options *o, const struct target *t, const char *name,
		   struct error *err);
} commands[] = {
	{ "register", true, register_one },
	{ "unregister", true, unregister_one },
	{ "status", false, show_one },
};

static int need_mounted(const struct binfmt_options *o, const struct command *c, struct error *err)
{
	AUTO_FREE char *all = entry_path(o, "register");

	if (o->dry_run || access(all, F_OK) == 0)
		return 0;
	if (access(o->folder, F_OK) < 0)
		return fail(err, ENOENT, "%s: not there; load the kernel module binfmt_misc",
			    o->folder);
	if (!c->writes)
		return fail(err, ENOENT, "binfmt_misc is not mounted on %s", o->folder);
	if (mount("binfmt_misc", o->folder, "binfmt_misc", 0, NULL) < 0)
		return fail(err, errno, "binfmt_misc is not mounted on %s and cannot be: %s%s",
			    o->folder, strerror(errno), errno == EPERM ? ": run this as root" : "");
	return 0;
}

static int run_command(const struct binfmt_options *o, const struct command *c, int argc,
		       char **argv, struct error *err)
{
	const struct target *t;
	int r;

	for (int i = 0; i < argc; i++) {
		t = target_find(argv[i]);
		if (!t || !t->linux_abi)
			return fail(err, EINVAL, "'%s' is not a guest; 'mimus -help' lists them",
				    argv[i]);
		if (user_host_runs(t))
			return fail(err, EINVAL, "'%s': the host runs these programs itself",
				    argv[i]);
	}
	r = need_mounted(o, c, err);
	for (u32 i = 0; r == 0 && (t = target_each(i)); i++) {
		AUTO_FREE char *name = xasprintf("mimus-%s", t->name);
		bool wanted = argc == 0 && t->linux_abi && !user_host_runs(t);

		for (int j = 0; j < argc; j++)
			wanted |= target_find(argv[j]) == t;
		if (wanted)
			r = c->one(o, t, name, err);
	}
	return r;
}

static int run_word(const struct binfmt_options *o, int argc, char **argv, struct error *err)
{
	for (size_t i = 0; argc > 0 && i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(argv[0], commands[i].name))
			return run_command(o, &commands[i], argc - 1, argv + 1, err);
	}
	return fail(err, EINVAL, "say register, unregister or status; '-help' tells more");
}

static int binfmt_role(const char *guest, int argc, char **argv, struct error *err)
{
	struct binfmt_options o;
	int r;

	props_init(props, &o);
	r = options_parse(&group, &o, argc, argv, err);
	if (r >= 0 && o.help) {
		AUTO_FREE char *text = options_help(&group, argv[0]);

		fputs(text, stdout);
		r = 0;
	} else if (r >= 0) {
		r = run_word(&o, argc - r, argv + r, err);
	}
	props_done(props, &o);
	return r;
}

ROLE(binfmt) = {
	.name = "binfmt",
	.help = "let the kernel start programs of other machines",
	.main = binfmt_role,
};
