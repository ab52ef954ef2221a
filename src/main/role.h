/* The roles of the program: user, and later system, img, nbd.
 *
 * Interface: ROLE(user) = { ... } makes a role; a program has those that are
 * linked in.  The name it was called by, or its first argument, picks one.
 * Only files in main/ print; errors end as "NAME: text" on stderr.
 */
#ifndef MAIN_ROLE_H
#define MAIN_ROLE_H

#include "base/error.h"

struct role {
	const char *name, *help;
	/* argv[0] is what to call the program in messages; guest is the ARCH of
	 * mimus-ARCH, or NULL.  Returns an exit status, or -errno with err filled. */
	int (*main)(const char *guest, int argc, char **argv, struct error *err);
};

#define ROLE(x) \
	extern const struct role role_##x; \
	static const struct role *const role_##x##_entry \
		__attribute__((used, section("mimus_roles"))) = &role_##x; \
	const struct role role_##x

#endif
