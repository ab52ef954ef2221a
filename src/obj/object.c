/* Objects: life, properties and the tree (object.h).
 *
 * A property belongs to the type that lists it; a look-up goes from the
 * object's own type to its ancestors.  The tree's root is a bare container.
 * Freeing goes children first, each unrealized before its instance_done calls
 * run, own type first and ancestors after.
 * Main thread only.
 */
#include "obj/object.h"
#include <stdlib.h>

static struct object *root;

/* instance_init and defaults, the oldest ancestor first. */
static void init_from(struct object *o, const struct class *c)
{
	if (!c)
		return;
	init_from(o, c->parent);
	props_init(c->type->props, o);
	if (c->type->instance_init)
		c->type->instance_init(o);
}

int object_new(const char *type, struct object **ret_object, struct error *err)
{
	const struct type *t = type_find(type);
	const struct class *c;
	struct object *o;

	if (!t)
		return fail(err, ENOENT, "there is no type '%s'", type);
	if (t->abstract)
		return fail(err, EINVAL, "type '%s' is abstract: name one of its kinds", type);
	c = class_get(t);
	o = xcalloc(1, c->size);
	o->class = c;
	list_init(&o->children);
	list_init(&o->sibling);
	init_from(o, c);
	*ret_object = o;
	return 0;
}

void object_free(struct object *o)
{
	if (!o)
		return;
	LIST_EACH(child, &o->children, struct object, sibling)
		object_free(child);
	if (o->realized && o->class->unrealize)
		o->class->unrealize(o);
	for (const struct class *c = o->class; c; c = c->parent) {
		if (c->type->instance_done)
			c->type->instance_done(o);
		props_done(c->type->props, o);
	}
	list_remove(&o->sibling);
	free(o->name);
	free(o);
}

static const struct prop *find_prop(const struct object *o, const char *name, struct error *err)
{
	char names[400];
	struct str s = STR(names);

	assert(o->class);	/* the root has no properties */
	for (const struct class *c = o->class; c; c = c->parent) {
		const struct prop *p = prop_find(c->type->props, name);

		if (p)
			return p;
	}
	for (const struct class *c = o->class; c; c = c->parent)
		for (const struct prop *p = c->type->props; p && p->name; p++)
			str_add(&s, "%s%s", s.len ? " " : "", p->name);
	fail(err, ENOENT, "'%s' has no property '%s'; there are: %s", o->class->type->name, name,
	     s.len ? names : "none");
	return NULL;
}

int object_set(struct object *o, const char *prop, const char *text, struct error *err)
{
	const struct prop *p = find_prop(o, prop, err);
	char where[200];
	struct str w = STR(where);

	if (!p)
		return -err->code;
	if (o->realized)
		return fail(err, EBUSY, "'%s': property '%s' is fixed once the object is realized",
			    o->class->type->name, prop);
	str_add(&w, "'%s': property '%s'", o->class->type->name, p->name);
	return prop_set(p, o, text, where, err);
}

int object_get(const struct object *o, const char *prop, struct str *s, struct error *err)
{
	const struct prop *p = find_prop(o, prop, err);

	if (!p)
		return -err->code;
	prop_get(p, o, s);
	return 0;
}

int object_realize(struct object *o, struct error *err)
{
	int r = 0;

	assert(!o->realized);
	if (o->class->realize)
		r = o->class->realize(o, err);
	if (r < 0)
		return r;
	o->realized = true;
	return 0;
}

void *object_cast(struct object *o, const char *type)
{
	assert(o->class && type_is(o->class->type, type));
	return o;
}

struct object *object_root(void)
{
	if (!root) {
		root = xnew(struct object);
		list_init(&root->children);
		list_init(&root->sibling);
	}
	return root;
}

static struct object *find_child(struct object *parent, const char *name, size_t len)
{
	LIST_EACH(child, &parent->children, struct object, sibling) {
		if (strlen(child->name) == len && !memcmp(child->name, name, len))
			return child;
	}
	return NULL;
}

int object_add(struct object *parent, const char *name, struct object *child, struct error *err)
{
	assert(!child->parent && child != parent);
	if (!*name || strchr(name, '/'))
		return fail(err, EINVAL, "'%s' cannot name an object", name);
	if (find_child(parent, name, strlen(name)))
		return fail(err, EEXIST, "there is an object '%s' already", name);
	child->name = xstrdup(name);
	child->parent = parent;
	list_add_last(&parent->children, &child->sibling);
	return 0;
}

struct object *object_find(const char *path)
{
	struct object *o = object_root();

	while (o && *path) {
		size_t len = strcspn(path, "/");

		if (len)
			o = find_child(o, path, len);
		path += len + (path[len] == '/');
	}
	return o;
}

void object_path(const struct object *o, struct str *s)
{
	if (!o->parent) {
		str_puts(s, "/");
		return;
	}
	if (o->parent->parent)
		object_path(o->parent, s);
	str_add(s, "/%s", o->name);
}
