/* Option groups: tables of command-line options, one parser for all roles.
 *
 * Interface:
 * - An option either has a property (its argument is stored in a struct by
 *   name) or a function that takes the argument.  Without `arg` it takes none;
 *   a bool property is then set on.
 * - -x and --x are the same; --x=value is accepted for options with an argument.
 * - With `env` NAME the environment variables MIMUS_NAME and, after it, QEMU_NAME
 *   give the option too; the command line comes later and wins.
 * - Errors name the option, the value and what would be right.
 * - Main thread.
 */
#ifndef OBJ_OPTION_H
#define OBJ_OPTION_H

#include "obj/prop.h"

struct option {
	const char *name;	/* without dashes */
	const char *arg;	/* what the help calls the argument; NULL: takes none */
	const char *env;	/* environment twin without MIMUS_ or QEMU_; NULL: none */
	const char *help;
	const char *prop;	/* name of the property to set; or */
	int (*set)(void *into, const char *arg, struct error *err);	/* arg "" if none */
};

struct option_group {
	const char *name;
	const char *usage;		/* "[options] program [arguments]" */
	const char *intro;		/* a paragraph for the help, may be NULL */
	const struct prop *props;	/* of the struct that is filled */
	const struct option *options;	/* OPTIONS(...) */
};

#define OPTIONS(...) ((const struct option[]){ __VA_ARGS__, { 0 } })

/* Groups are added by their module in the OPTS list and live for ever. */
void option_group_add(const struct option_group *g);
const struct option_group *option_group_find(const char *name);

/* Apply the environment twins. */
int options_from_env(const struct option_group *g, void *into, struct error *err) MUST_CHECK;

/* Apply argv[1..] up to the first word that is no option, or past "--";
 * returns that word's index. */
int options_parse(const struct option_group *g, void *into, int argc, char **argv,
		  struct error *err) MUST_CHECK;

/* Apply one option by name.  arg NULL: none was given. */
int option_set(const struct option_group *g, void *into, const char *name, const char *arg,
	       struct error *err) MUST_CHECK;

/* The help, as lines of at most 100 columns; caller frees. */
char *options_help(const struct option_group *g, const char *program);

#endif
