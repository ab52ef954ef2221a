/* The four module lists.
 *
 * Interface:
 * - MODULE(OPTS, user) = { .name = "user", .init = add_options }; puts a const
 *   record into the list of its kind at link time; nothing runs before main.
 * - main reaches the phase of a kind and calls module_call_init(kind), which
 *   calls the init of every module whose available() says yes, in name order:
 *   link order differs between compilers.
 * - Main thread, once a kind.
 */
#ifndef OBJ_MODULE_H
#define OBJ_MODULE_H

#include "base/base.h"

enum module_kind {
	MODULE_BLOCK,		/* image formats and protocols */
	MODULE_OPTS,		/* option groups */
	MODULE_QAPI,		/* monitor commands */
	MODULE_QOM,		/* object types */
	MODULE_KIND_MAX
};

struct module {
	const char *name;		/* unique in its kind */
	void (*init)(void);		/* may be NULL */
	bool (*available)(void);	/* NULL: always */
};

#define MODULE(kind, x) \
	extern const struct module module_##kind##_##x; \
	static const struct module *const module_##kind##_##x##_entry \
		__attribute__((used, section("mimus_modules_" #kind))) = &module_##kind##_##x; \
	const struct module module_##kind##_##x

/* Returns how many modules were initialised. */
u32 module_call_init(enum module_kind kind);

#endif
