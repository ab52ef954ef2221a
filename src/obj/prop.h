/* Properties: named members of a struct that text can set and show.
 *
 * Interface:
 * - PROP(struct rtc, base_year, 1980, "year that cell 9 counts from") names a
 *   member; its kind follows from the member's type.  PROPS(...) makes the
 *   ended table that types and option groups take.
 * - A string member is a char * that the struct owns: setting frees the old
 *   text, props_done frees the last.
 * - Errors name the value and what would be right.
 * - No lock inside: the struct's owner's.
 */
#ifndef OBJ_PROP_H
#define OBJ_PROP_H

#include "base/error.h"
#include "base/str.h"

enum prop_kind {
	PROP_NONE,
	PROP_BOOL,
	PROP_BITS,		/* on or off too: bits of a u64 that go together */
	PROP_U8,
	PROP_U16,
	PROP_U32,
	PROP_U64,		/* also takes K, M, G, T */
	PROP_I32,
	PROP_STRING,
};

struct prop {
	const char *name, *help;
	enum prop_kind kind;
	u32 offset;		/* in bytes, of the member */
	u64 number;		/* default, for all kinds but strings; PROP_BITS: the bits, off by default */
	const char *text;	/* default of a string, may be NULL */
};

/* The kind of a member, as its type has it. */
#define PROP_KIND(T, member) \
	_Generic(((T *)0)->member, bool: PROP_BOOL, u8: PROP_U8, u16: PROP_U16, u32: PROP_U32, \
		 u64: PROP_U64, i32: PROP_I32, char *: PROP_STRING)

#define PROP(T, member, def, help_text) \
	{ .name = #member, .help = help_text, .kind = PROP_KIND(T, member), \
	  .offset = offsetof(T, member), \
	  .number = (u64)_Generic(((T *)0)->member, char *: 0, default: (def)), \
	  .text = _Generic(((T *)0)->member, char *: (def), default: NULL) }

/* One or more bits of a u64 member as a property of their own; on when all are set. */
#define PROP_FLAG(T, member, label, bits, help_text) \
	{ .name = label, .help = help_text, .kind = _Generic(((T *)0)->member, u64: PROP_BITS), \
	  .offset = offsetof(T, member), .number = (bits) }

#define PROPS(...) ((const struct prop[]){ __VA_ARGS__, { 0 } })

/* Set every member to its default; into holds garbage or zeroes before. */
void props_init(const struct prop *props, void *into);
void props_done(const struct prop *props, void *into);

/* NULL when there is none of that name; - and _ are the same. */
const struct prop *prop_find(const struct prop *props, const char *name);

/* Set one member from text.  `where` names it in errors, as "option '-s'". */
int prop_set(const struct prop *p, void *into, const char *text, const char *where,
	     struct error *err) MUST_CHECK;

/* Add a member's value to s as text that prop_set would take. */
void prop_get(const struct prop *p, const void *from, struct str *s);

#endif
