/* The options of user mode, as text and numbers; private to main/. */
#ifndef MAIN_USER_OPTIONS_H
#define MAIN_USER_OPTIONS_H

#include "obj/option.h"
#include "user/user.h"

struct user_options {
	char *gdb, *sysroot, *cpu, *uname, *argv0, *accel, *log, *log_file, *trace, *seed, *fake_db, *root;
	u64 stack_size;		/* bytes, 0 = default */
	u64 guest_base;		/* GUEST_BASE_UNSET */
	u64 reserved_va;	/* bytes, 0 = none */
	u64 tb_size;		/* MiB, 0 = default */
	u64 pagesize;
	bool fake_root, strace, one_insn, perfmap, jitdump, help, version;
	struct user_bind *binds;	/* of -bind, heap with their strings */
	u32 bind_count;
	char **envp;		/* guest environment so far: ours with -E and -U done; NULL-ended */
};

#define GUEST_BASE_UNSET (~0ull)

/* Defaults, with the environment of this process as the guest's. */
void user_options_init(struct user_options *o);
void user_options_done(struct user_options *o);

/* The options that a program started by execve inherits, one a line as
 * "name" or "name=value" with %, newline as %25, %0A; caller frees. */
char *user_options_save(const struct user_options *o);
int user_options_load(struct user_options *o, char *text, struct error *err) MUST_CHECK;

extern const struct option_group user_option_group;

#endif
