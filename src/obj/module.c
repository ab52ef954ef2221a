/* Walking a module list in name order (module.h).
 *
 * Each kind is one linker section of pointers.  The walk looks for the next
 * greater name instead of sorting a copy: lists have some dozens of members
 * and are walked once.
 */
#include "obj/module.h"

#define LIST(kind) \
	extern const struct module *const __start_mimus_modules_##kind[] \
		__attribute__((weak, visibility("hidden"))); \
	extern const struct module *const __stop_mimus_modules_##kind[] \
		__attribute__((weak, visibility("hidden")))

LIST(BLOCK);
LIST(OPTS);
LIST(QAPI);
LIST(QOM);

u32 module_call_init(enum module_kind kind)
{
	const struct module *const *const lists[MODULE_KIND_MAX][2] = {
		[MODULE_BLOCK] = { __start_mimus_modules_BLOCK, __stop_mimus_modules_BLOCK },
		[MODULE_OPTS] = { __start_mimus_modules_OPTS, __stop_mimus_modules_OPTS },
		[MODULE_QAPI] = { __start_mimus_modules_QAPI, __stop_mimus_modules_QAPI },
		[MODULE_QOM] = { __start_mimus_modules_QOM, __stop_mimus_modules_QOM },
	};
	const struct module *last = NULL;
	u32 count = 0;

	assert(kind < MODULE_KIND_MAX);
	for (;;) {
		const struct module *next = NULL;

		for (const struct module *const *m = lists[kind][0]; m < lists[kind][1]; m++) {
			if (last && strcmp((*m)->name, last->name) <= 0)
				continue;
			if (!next || strcmp((*m)->name, next->name) < 0)
				next = *m;
		}
		if (!next)
			return count;
		last = next;
		if (!next->init || (next->available && !next->available()))
			continue;
		next->init();
		count++;
	}
}
