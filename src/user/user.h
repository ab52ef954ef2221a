/* Linux user mode: run one guest program as a Linux process. */
#ifndef USER_USER_H
#define USER_USER_H

#include "base/error.h"

struct str;
struct target;
struct accel;
struct cpu;
struct vcpu;

struct user_config {
	const struct target *target;	/* NULL: by the program's ELF header */
	const struct accel *accel;
	struct cpu *cpu;		/* of all threads; user_main realizes and keeps it */
	const char *program;		/* path given */
	const char *argv0;		/* -0 */
	char **argv;			/* guest arguments, [0] = program, NULL-ended */
	char **envp;			/* guest environment after -E and -U, NULL-ended */
	const char *sysroot;		/* -L, NULL */
	const char *uname_release;	/* -r */
	const char *gdb;		/* -g PORT or path */
	const char *core_options;	/* everything needed to repeat these options after execve: see exec.c */
	u64 stack_size;			/* -s, 0 = RLIMIT_STACK or 8 MiB */
	u64 guest_base;			/* -B */
	bool guest_base_set;
	u64 reserved_va;		/* -R, 0 = none */
	bool fake_root;			/* --fake-root */
	const char *fake_db;		/* its database; there with fake_root */
	bool strace;
	bool one_insn;
	u64 seed;			/* -seed */
	bool seed_set;
};

/* Load the program, run it, and exit with its status: comes back only with an error (negative errno, err filled). */
int user_main(const struct user_config *cfg, struct error *err) MUST_CHECK;

/* The gdb stub's start, set before user_main by the part that has one: waits for gdb at `where` (-g) with the first
 * thread's vCPU ready to run.  NULL: -g is refused. */
extern int (*user_gdb_hook)(const char *where, struct vcpu *cpu, struct error *err);

/* ---- -root ---- */

struct user_bind {
	const char *from;	/* host path */
	const char *to;		/* inside the root, absolute */
	bool read_only;
};

/* Make `dir` this process's root, with the host's /proc, /dev and /sys and with `binds` in it, in
 * mounts of its own.  The working folder stays if the new root has it.  0 or -errno.  Main thread,
 * before any other thread; there is no way back. */
int user_root_enter(const char *dir, const struct user_bind *binds, u32 count, struct error *err) MUST_CHECK;

/* The program that `name` means, by PATH of envp if it has no slash.  One of the host's own machine
 * is executed here and does not come back; for a guest's, *ret_path (caller frees) and *ret_target.
 * 0 or -errno.  Main thread. */
int user_root_find_program(const char *name, char *const *argv, char *const *envp, char **ret_path,
			   const struct target **ret_target, struct error *err) MUST_CHECK;

/* ---- binfmt_misc ---- */

/* What to write to its file `register`: programs of t are started with the static `program`. */
void user_binfmt_line(struct str *s, const struct target *t, const char *program, const char *flags);
/* The host's processor runs programs of t itself: never to be registered. */
bool user_host_runs(const struct target *t);

#endif
