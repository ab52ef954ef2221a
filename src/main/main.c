/* The start of the program: which role it plays.
 *
 * The name it was called by decides, as far as it goes: a name that ends in
 * mimus-riscv64, qemu-riscv64 or qemu-riscv64-static is user mode for that
 * guest, mimus-user is user mode for the guest that the program's header names;
 * plain mimus takes the role from its first argument.  Roles are found in
 * their linker section, so each of the two programs has those linked into it.
 */
#include "base/str.h"
#include "cpu/target.h"
#include "main/role.h"
#include <stdio.h>

extern const struct role *const __start_mimus_roles[] __attribute__((weak, visibility("hidden")));
extern const struct role *const __stop_mimus_roles[] __attribute__((weak, visibility("hidden")));

/* Roles of the whole design; those not linked in are named as missing. */
static const char *const all_roles[] = { "user", "system", "img", "nbd", "unpack", "binfmt" };

struct choice {
	char role[64];		/* "" when the name says nothing */
	char guest[64];		/* "" when it names none */
};

static const struct role *find_role(const char *name)
{
	for (const struct role *const *r = __start_mimus_roles; r < __stop_mimus_roles; r++) {
		if (!strcmp((*r)->name, name))
			return *r;
	}
	return NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What follows the last "mimus-" or "qemu-" in a name, or "". */
static const char *ending(const char *name)
{
	const char *found = "";

	for (const char *p = name; *p; p++) {
		if (str_starts(p, "mimus-"))
			found = p + 6;
		else if (str_starts(p, "qemu-"))
			found = p + 5;
	}
	return found;
}

static struct choice choose(const char *called)
{
	const char *end = ending(base_name(called));
	size_t len = strlen(end);
	struct choice c = { "", "" };
	struct str role = STR(c.role), guest = STR(c.guest);

	if (str_ends(end, "-static"))
		len -= 7;
	else if (!strcmp(end, "static"))
		len = 0;
	if (str_starts(end, "system-")) {
		str_puts(&role, "system");
		str_add(&guest, "%.*s", (int)(len - 7), end + 7);
		return c;
	}
	for (size_t i = 0; i < ARRAY_SIZE(all_roles); i++) {
		if (strlen(all_roles[i]) == len && !memcmp(all_roles[i], end, len)) {
			str_puts(&role, all_roles[i]);
			return c;
		}
	}
	if (len) {
		str_puts(&role, "user");
		str_add(&guest, "%.*s", (int)len, end);
	}
	return c;
}

static void print_help(const char *name)
{
	printf("Usage: %s ROLE ...\n"
	       "A machine emulator: runs programs and systems made for other processors.\n\n"
	       "Roles (mimus-ROLE is the same):\n", name);
	for (const struct role *const *r = __start_mimus_roles; r < __stop_mimus_roles; r++)
		printf("  %-8s  %s\n", (*r)->name, (*r)->help);
	printf("\nGuests (mimus-GUEST PROGRAM runs a Linux program):\n");
	for (u32 i = 0; target_each(i); i++)
		printf("  %-8s  %s\n", target_each(i)->name, target_each(i)->help);
	printf("\n  -help     this text; '%s ROLE -help' for a role's options\n"
	       "  -version  the version\n", name);
}

static int no_role(const char *role, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(all_roles); i++) {
		if (!strcmp(all_roles[i], role))
			return fail(err, ENOSYS, "this program has no role '%s'; '-help' lists "
				    "those it has", role);
	}
	return fail(err, EINVAL, "unknown role '%s'; '-help' lists the roles", role);
}

/* Plain `mimus`: the first word is a role or an option. */
static int run_by_argument(int argc, char **argv, struct error *err)
{
	const char *word = argc > 1 ? argv[1] : "-help";
	const struct role *role;

	if (str_starts(word, "--"))
		word++;
	if (!strcmp(word, "-help") || !strcmp(word, "-h")) {
		print_help(base_name(argc ? argv[0] : "mimus"));
		return argc > 1 ? 0 : 1;
	}
	if (!strcmp(word, "-version")) {
		printf("mimus version %s\n", MIMUS_VERSION);
		return 0;
	}
	role = find_role(word);
	if (!role)
		return no_role(word, err);
	return role->main(NULL, argc - 1, argv + 1, err);
}

static int run(int argc, char **argv, struct error *err)
{
	struct choice c = choose(argc ? argv[0] : "mimus");
	const struct role *role;

	if (!c.role[0])
		return run_by_argument(argc, argv, err);
	role = find_role(c.role);
	if (!role)
		return no_role(c.role, err);
	return role->main(c.guest[0] ? c.guest : NULL, argc, argv, err);
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	int r = run(argc, argv, &err);

	if (r >= 0)
		return r;
	fprintf(stderr, "%s: %s\n", base_name(argc ? argv[0] : "mimus"), err.text);
	return 1;
}
