/* Setting and showing struct members by name (prop.h).
 *
 * A member is found by its offset and written with the width of its kind.
 * Numbers are read as 64 bits first and then checked against the kind's range.
 */
#include "obj/prop.h"
#include <stdlib.h>

static const struct {
	const char *text;
	u8 bytes;		/* of numbers */
	u64 max;
} kinds[] = {
	[PROP_BOOL] = { "on or off", sizeof(bool), 1 },
	[PROP_BITS] = { "on or off", 8, 1 },
	[PROP_U8] = { "a number up to 255", 1, UINT8_MAX },
	[PROP_U16] = { "a number up to 65535", 2, UINT16_MAX },
	[PROP_U32] = { "a number below 2^32", 4, UINT32_MAX },
	[PROP_U64] = { "a number, also with K, M, G or T", 8, UINT64_MAX },
	[PROP_I32] = { "a number from -2^31 to 2^31-1", 4, INT32_MAX },
	[PROP_STRING] = { "text", 0, 0 },
};

/* The host is little-endian: the low bytes of the number are the member. */
static u64 get_number(const struct prop *p, const void *from)
{
	u64 v = 0;

	memcpy(&v, (const char *)from + p->offset, kinds[p->kind].bytes);
	return p->kind == PROP_BITS ? !(p->number & ~v) : v;
}

static void put_number(const struct prop *p, void *into, u64 v)
{
	u64 was;

	if (p->kind == PROP_BITS) {
		memcpy(&was, (const char *)into + p->offset, sizeof was);
		v = v ? was | p->number : was & ~p->number;
	}
	memcpy((char *)into + p->offset, &v, kinds[p->kind].bytes);
}

static void put_string(const struct prop *p, void *into, const char *text)
{
	char *copy = text ? xstrdup(text) : NULL;

	memcpy((char *)into + p->offset, &copy, sizeof copy);
}

static char *string_of(const struct prop *p, const void *from)
{
	char *text;

	memcpy(&text, (const char *)from + p->offset, sizeof text);
	return text;
}

void props_init(const struct prop *props, void *into)
{
	for (const struct prop *p = props; p && p->name; p++) {
		if (p->kind == PROP_STRING)
			put_string(p, into, p->text);
		else
			put_number(p, into, p->kind == PROP_BITS ? 0 : p->number);
	}
}

void props_done(const struct prop *props, void *into)
{
	for (const struct prop *p = props; p && p->name; p++) {
		if (p->kind == PROP_STRING) {
			free(string_of(p, into));
			put_string(p, into, NULL);
		}
	}
}

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return false;
	}
	return *a == *b;
}

const struct prop *prop_find(const struct prop *props, const char *name)
{
	for (const struct prop *p = props; p && p->name; p++) {
		if (same_name(p->name, name))
			return p;
	}
	return NULL;
}

static bool parse_bool(const char *text, u64 *ret_value)
{
	static const char *const words[][2] = {
		{ "off", "on" }, { "no", "yes" }, { "false", "true" }, { "0", "1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words) * 2; i++) {
		if (!strcmp(words[i / 2][i % 2], text)) {
			*ret_value = i % 2;
			return true;
		}
	}
	return false;
}

int prop_set(const struct prop *p, void *into, const char *text, const char *where,
	     struct error *err)
{
	bool negative = p->kind == PROP_I32 && text[0] == '-', good;
	u64 v = 0;

	if (p->kind == PROP_STRING) {
		free(string_of(p, into));
		put_string(p, into, text);
		return 0;
	}
	good = p->kind == PROP_BOOL || p->kind == PROP_BITS ?
		       parse_bool(text, &v) :
		       str_to_u64(text + negative, p->kind == PROP_U64, &v);
	if (!good || v > kinds[p->kind].max + negative)
		return fail(err, EINVAL, "%s: '%s' is not right: give %s", where, text,
			    kinds[p->kind].text);
	put_number(p, into, negative ? -v : v);
	return 0;
}

void prop_get(const struct prop *p, const void *from, struct str *s)
{
	u64 v;

	if (p->kind == PROP_STRING) {
		const char *text = string_of(p, from);

		str_puts(s, text ? text : "");
		return;
	}
	v = get_number(p, from);
	if (p->kind == PROP_BOOL || p->kind == PROP_BITS)
		str_puts(s, v ? "on" : "off");
	else if (p->kind == PROP_I32)
		str_add(s, "%d", (i32)v);
	else
		str_add(s, "%llu", (unsigned long long)v);
}
