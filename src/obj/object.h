/* Types, classes and objects: everything a user can name.
 *
 * Interface:
 * - TYPE(x) = { .name = "...", .parent = "..." } is a const record that needs no
 *   registration; types_init (the QOM module list) makes the table of those
 *   whose available() says yes.
 * - A class is made on first use: the parent's class is copied, then class_init
 *   fills in what differs.  class_size 0 means the parent's size.
 * - object_new runs instance_init, parents first, and sets properties to their
 *   defaults; object_set changes them; object_realize makes it work; from then
 *   on properties are fixed.  object_free unrealizes and takes the children along.
 * - Objects form one tree: object_add gives one a parent, which then owns it.
 *   Paths look like /machine/peripheral/id.
 * - Main thread only (under vm.lock when there is a machine).
 */
#ifndef OBJ_OBJECT_H
#define OBJ_OBJECT_H

#include "base/list.h"
#include "obj/prop.h"

struct class;
struct object;

struct type {
	const char *name;
	const char *parent;		/* NULL: a root */
	const char *help;
	size_t size;			/* of an instance, 0 = the parent's */
	size_t class_size;		/* 0 = the parent's */
	bool abstract;			/* has no instances of its own */
	bool (*available)(void);	/* NULL: always */
	void (*class_init)(struct class *c);
	void (*instance_init)(struct object *o);
	void (*instance_done)(struct object *o);
	const struct prop *props;	/* PROPS(...), of this type alone */
};

#define TYPE(x) \
	extern const struct type type_##x; \
	static const struct type *const type_##x##_entry \
		__attribute__((used, section("mimus_types"))) = &type_##x; \
	const struct type type_##x

/* First member of every class struct. */
struct class {
	const struct type *type;
	const struct class *parent;
	size_t size;			/* of an instance */
	size_t class_size;
	int (*realize)(struct object *o, struct error *err);	/* each may be NULL */
	void (*unrealize)(struct object *o);
	void (*reset)(struct object *o);
};

/* First member of every instance struct. */
struct object {
	const struct class *class;
	struct object *parent;		/* NULL: the root, or not added yet */
	char *name;			/* in the parent; owned */
	struct list children, sibling;
	bool realized;
};

/* Make the table of types; asserts that parents exist and names are unique. */
void types_init(void);

const struct type *type_find(const char *name);

/* The n-th type in name order, or NULL past the last. */
const struct type *type_each(u32 n);

/* True when t is the named type or descends from it. */
bool type_is(const struct type *t, const char *ancestor);

const struct class *class_get(const struct type *t);

/* A new object without a parent; fails on an unknown or abstract type. */
int object_new(const char *type, struct object **ret_object, struct error *err) MUST_CHECK;
void object_free(struct object *o);

int object_set(struct object *o, const char *prop, const char *text, struct error *err) MUST_CHECK;
int object_get(const struct object *o, const char *prop, struct str *s,
	       struct error *err) MUST_CHECK;
int object_realize(struct object *o, struct error *err) MUST_CHECK;

/* o itself, asserted to be of the type. */
void *object_cast(struct object *o, const char *type);

/* The tree.  The root is made at the first call and has no class. */
struct object *object_root(void);
int object_add(struct object *parent, const char *name, struct object *child,
	       struct error *err) MUST_CHECK;
struct object *object_find(const char *path);
void object_path(const struct object *o, struct str *s);

#endif
