/* The table of types and the classes made from them (object.h).
 *
 * Type records lie in the linker section mimus_types in no order; types_init
 * sorts pointers to them by name.  A class is one allocation of its class_size
 * that begins as a copy of the parent's class, so a function set by a parent's
 * class_init holds for all descendants until one replaces it.  Classes live as
 * long as the process.
 * Main thread only.
 */
#include "obj/module.h"
#include "obj/object.h"
#include <stdlib.h>

extern const struct type *const __start_mimus_types[] __attribute__((weak, visibility("hidden")));
extern const struct type *const __stop_mimus_types[] __attribute__((weak, visibility("hidden")));

struct entry {
	const struct type *type;
	struct class *class;		/* NULL until first used */
};

static struct entry *table;
static u32 count;

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->type->name, y->type->name);
}

static struct entry *find(const char *name)
{
	struct type key = { .name = name };
	struct entry wanted = { .type = &key };

	return count ? bsearch(&wanted, table, count, sizeof *table, by_name) : NULL;
}

void types_init(void)
{
	size_t all = (size_t)(__stop_mimus_types - __start_mimus_types);

	assert(!table);
	table = xcalloc(all, sizeof *table);
	for (size_t i = 0; i < all; i++) {
		const struct type *t = __start_mimus_types[i];

		if (!t->available || t->available())
			table[count++].type = t;
	}
	qsort(table, count, sizeof *table, by_name);
	for (u32 i = 0; i < count; i++) {
		const struct type *t = table[i].type;

		assert(i == 0 || strcmp(table[i - 1].type->name, t->name) < 0);
		assert(!t->parent || find(t->parent));
	}
}

MODULE(QOM, types) = { .name = "types", .init = types_init };

const struct type *type_find(const char *name)
{
	const struct entry *e = find(name);

	return e ? e->type : NULL;
}

const struct type *type_each(u32 n)
{
	return n < count ? table[n].type : NULL;
}

bool type_is(const struct type *t, const char *ancestor)
{
	for (; t; t = t->parent ? type_find(t->parent) : NULL) {
		if (!strcmp(t->name, ancestor))
			return true;
	}
	return false;
}

const struct class *class_get(const struct type *t)
{
	struct entry *e = find(t->name);
	const struct class *parent;
	struct class *c;

	assert(e && e->type == t);
	if (e->class)
		return e->class;
	parent = t->parent ? class_get(type_find(t->parent)) : NULL;
	c = xcalloc(1, t->class_size ? t->class_size : parent ? parent->class_size : sizeof *c);
	if (parent) {
		assert(!t->class_size || t->class_size >= parent->class_size);
		assert(!t->size || t->size >= parent->size);
		memcpy(c, parent, parent->class_size);
	}
	c->type = t;
	c->parent = parent;
	c->class_size = t->class_size ? t->class_size : parent ? parent->class_size : sizeof *c;
	c->size = t->size ? t->size : parent ? parent->size : sizeof(struct object);
	assert(c->size >= sizeof(struct object) && c->class_size >= sizeof *c);
	if (t->class_init)
		t->class_init(c);
	e->class = c;
	return c;
}
