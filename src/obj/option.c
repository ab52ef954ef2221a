/* Parsing options and laying out their help (option.h).
 *
 * The tables are searched from the front: they have some dozens of lines and
 * a command line has few words.  A misspelt name is compared with all names,
 * and the nearest within a third of its length is offered.
 */
#include "obj/option.h"
#include <stdlib.h>

enum { GROUPS_MAX = 32, HELP_SIZE = 16384, HELP_COLUMN = 24, HELP_WIDTH = 92 };

static const struct option_group *groups[GROUPS_MAX];
static u32 group_count;

void option_group_add(const struct option_group *g)
{
	assert(group_count < GROUPS_MAX && !option_group_find(g->name));
	for (const struct option *o = g->options; o->name; o++)
		assert(o->set || (o->prop && prop_find(g->props, o->prop)));
	groups[group_count++] = g;
}

const struct option_group *option_group_find(const char *name)
{
	for (u32 i = 0; i < group_count; i++) {
		if (!strcmp(groups[i]->name, name))
			return groups[i];
	}
	return NULL;
}

static const struct option *find(const struct option_group *g, const char *name, size_t len)
{
	for (const struct option *o = g->options; o->name; o++) {
		if (strlen(o->name) == len && !memcmp(o->name, name, len))
			return o;
	}
	return NULL;
}

static int unknown(const struct option_group *g, const char *name, struct error *err)
{
	const char *nearest = NULL;
	u32 best = (u32)strlen(name) / 3 + 1;

	for (const struct option *o = g->options; o->name; o++) {
		u32 d = str_distance(name, o->name);

		if (d < best) {
			best = d;
			nearest = o->name;
		}
	}
	if (nearest)
		return fail(err, EINVAL, "unknown option '-%s'; did you mean '-%s'?", name,
			    nearest);
	return fail(err, EINVAL, "unknown option '-%s'; '-help' lists the options", name);
}

static int apply(const struct option_group *g, const struct option *o, void *into, const char *arg,
		 struct error *err)
{
	char where[80];
	struct str s = STR(where);
	int r;

	str_add(&s, "option '-%s'", o->name);
	if (o->arg && !arg)
		return fail(err, EINVAL, "%s needs an argument: -%s %s", where, o->name, o->arg);
	if (o->set) {
		r = o->set(into, arg ? arg : "", err);
		return r < 0 ? prefix(err, r, "%s", where) : 0;
	}
	return prop_set(prop_find(g->props, o->prop), into, o->arg ? arg : "on", where, err);
}

int option_set(const struct option_group *g, void *into, const char *name, const char *arg,
	       struct error *err)
{
	const struct option *o = find(g, name, strlen(name));

	return o ? apply(g, o, into, arg, err) : unknown(g, name, err);
}

int options_from_env(const struct option_group *g, void *into, struct error *err)
{
	static const char *const starts[] = { "QEMU_", "MIMUS_" };	/* the later wins */

	for (const struct option *o = g->options; o->name; o++) {
		for (size_t i = 0; o->env && i < ARRAY_SIZE(starts); i++) {
			char name[64];
			struct str s = STR(name);
			const char *value;
			int r;

			str_add(&s, "%s%s", starts[i], o->env);
			assert(!s.cut);
			value = getenv(name);
			if (!value)
				continue;
			r = apply(g, o, into, value, err);
			if (r < 0)
				return prefix(err, r, "environment variable %s", name);
		}
	}
	return 0;
}

int options_parse(const struct option_group *g, void *into, int argc, char **argv,
		  struct error *err)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1]) {
		const char *word = argv[i] + 1, *arg = NULL;
		const struct option *o;
		size_t len;
		int r;

		if (*word == '-' && !*++word)
			return i + 1;
		len = word - argv[i] == 2 ? strcspn(word, "=") : strlen(word);
		o = find(g, word, len);
		if (!o)
			return unknown(g, word, err);
		i++;
		if (word[len] == '=') {
			if (!o->arg)
				return fail(err, EINVAL, "option '-%s' takes no argument", o->name);
			arg = word + len + 1;
		} else if (o->arg && i < argc) {
			arg = argv[i++];
		}
		r = apply(g, o, into, arg, err);
		if (r < 0)
			return r;
	}
	return i;
}

/* Add text folded at words, each further line indented. */
static void fold(struct str *s, const char *text)
{
	u32 column = HELP_COLUMN;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (column > HELP_COLUMN && column + len > HELP_WIDTH) {
			str_add(s, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			str_putc(s, ' ');
		}
		str_add(s, "%.*s", (int)len, text);
		column += (u32)len + 1;
		text += len + (text[len] == ' ');
	}
	str_putc(s, '\n');
}

char *options_help(const struct option_group *g, const char *program)
{
	char *buf = xcalloc(1, HELP_SIZE);
	struct str s = str_init(buf, HELP_SIZE);
	const char *slash = strrchr(program, '/');
	bool any_env = false;

	str_add(&s, "Usage: %s %s\n", slash ? slash + 1 : program, g->usage);
	if (g->intro)
		str_add(&s, "%s\n", g->intro);
	str_puts(&s, "\n");
	for (const struct option *o = g->options; o->name; o++) {
		size_t start = s.len;

		str_add(&s, "  -%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
		if (s.len - start >= HELP_COLUMN)
			str_add(&s, "\n%*s", HELP_COLUMN, "");
		str_pad(&s, start + HELP_COLUMN);
		fold(&s, o->help);
		any_env |= o->env != NULL;
	}
	if (any_env)
		str_puts(&s, "\nEnvironment (MIMUS_NAME or QEMU_NAME; the command line wins):\n");
	for (const struct option *o = g->options; o->name; o++) {
		size_t start = s.len;

		if (!o->env)
			continue;
		str_add(&s, "  %s", o->env);
		str_pad(&s, start + HELP_COLUMN);
		str_add(&s, "-%s\n", o->name);
	}
	assert(!s.cut);
	return buf;
}
