/* Reading tar: POSIX.1-2017 "pax Interchange Format" and "ustar", and GNU tar's additions.
 *
 * Each entry is a header block of 512 bytes and its data, filled up to 512.  Headers of
 * types x (pax records) and L, K (GNU: a long name, a long link) come before the one they
 * are about and win over its fields.  Numbers are octal text, or binary with the top bit
 * set in their first byte (GNU, base 256).
 * Not modelled, refused by name: sparse files (GNU type S and GNU.sparse.* records), files
 * over several volumes, global pax headers that change a name, size or owner.  Ignored:
 * text names of owners, volume labels, ACLs as text, atime and ctime.
 */
#include "image/tar.h"
#include "base/str.h"
#include <limits.h>
#include <stdlib.h>

enum { BLOCK = 512, EXTRA_MAX = 1 << 20 };

struct header {			/* all text; ends of fields need no NUL */
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[8], uname[32], gname[32], major[8], minor[8], prefix[155], pad[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a tar header is one block");

void tar_init(struct tar *t, const struct tar_input *input)
{
	*t = (struct tar){ .in = *input };
}

static void drop_texts(struct tar *t)
{
	free(t->path);
	free(t->link);
	free(t->pax);
	t->path = t->link = t->pax = NULL;
	t->pax_len = 0;
}

void tar_done(struct tar *t)
{
	drop_texts(t);
}

i64 tar_read(struct tar *t, void *buf, size_t len, struct error *err)
{
	i64 n;

	len = (size_t)min_u64(len, t->data_left);
	if (len == 0)
		return 0;
	n = t->in.read(t->in.arg, buf, len, err);
	if (n >= 0 && (size_t)n < len)
		return fail(err, EBADMSG, "the tar ends inside a file's data");
	if (n > 0)
		t->data_left -= (u64)n;
	return n;
}

/* Go to the next header. */
static int skip_data(struct tar *t, struct error *err)
{
	u64 left = t->data_left + t->padding;
	u8 waste[8192];

	t->data_left = t->padding = 0;
	if (t->in.skip)
		return left ? t->in.skip(t->in.arg, left, err) : 0;
	while (left) {
		size_t len = (size_t)min_u64(left, sizeof waste);
		i64 n = t->in.read(t->in.arg, waste, len, err);

		if (n < 0)
			return (int)n;
		if ((size_t)n < len)
			return fail(err, EBADMSG, "the tar ends inside a file's data");
		left -= len;
	}
	return 0;
}

/* A number of a header: octal text or base 256. */
static bool number(const char *field, size_t len, i64 *ret_v)
{
	const u8 *p = (const u8 *)field;
	u64 v = 0;
	size_t i = 0;

	if (p[0] & 0x80) {
		i64 sign = p[0] & 0x40 ? -1 : 0;
		i64 s = (i64)sign_extend(p[0] & 0x7f, 7);

		for (i = 1; i < len; i++) {
			if (s >> 54 != sign)
				return false;
			s = (i64)((u64)s << 8 | p[i]);
		}
		*ret_v = s;
		return true;
	}
	while (i < len && (p[i] == ' ' || p[i] == 0))
		i++;
	for (; i < len && p[i] >= '0' && p[i] <= '7'; i++) {
		if (v >> 60)
			return false;
		v = v << 3 | (p[i] - '0');
	}
	for (; i < len; i++) {
		if (p[i] != ' ' && p[i] != 0)
			return false;
	}
	*ret_v = (i64)v;
	return true;
}

#define NUMBER(field, ret_v) number(field, sizeof(field), ret_v)

static bool sum_is_right(const struct header *h)
{
	const u8 *p = (const u8 *)h;
	i64 said, sum = 0, sum_signed = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		bool in_sum = i >= offsetof(struct header, sum) && i < offsetof(struct header, type);
		u8 c = in_sum ? ' ' : p[i];

		sum += c;
		sum_signed += (i8)c;	/* old programs had char signed */
	}
	return NUMBER(h->sum, &said) && (said == sum || said == sum_signed);
}

/* 1: a header; 0: the end. */
static int read_header(struct tar *t, struct header *h, struct error *err)
{
	static const struct header zero;
	i64 n = t->in.read(t->in.arg, h, BLOCK, err);

	if (n <= 0)
		return (int)n;
	if (n < BLOCK)
		return fail(err, EBADMSG, "the tar ends inside a header");
	if (!memcmp(h, &zero, BLOCK))
		return 0;
	if (!sum_is_right(h))
		return fail(err, EBADMSG, "not a tar header, or a damaged one: its sum is wrong");
	return 1;
}

/* Data of a header that is about the next entry, as a text with a NUL after it. */
static int read_extra(struct tar *t, char **ret_text, size_t *ret_len, struct error *err)
{
	size_t len = (size_t)t->data_left;
	char *text;
	i64 n;

	if (t->data_left > EXTRA_MAX)
		return fail(err, EFBIG, "a tar header with names or attributes of %llu bytes; at "
			    "most %d", (unsigned long long)t->data_left, EXTRA_MAX);
	text = xcalloc(1, len + 1);
	n = tar_read(t, text, len, err);
	if (n < 0) {
		free(text);
		return (int)n;
	}
	free(*ret_text);
	*ret_text = text;
	if (ret_len)
		*ret_len = len;
	return 0;
}

static int take_decimal(const char *value, u64 max, u64 *ret_v, const char *key, struct error *err)
{
	if (!(*value >= '0' && *value <= '9') || !str_to_u64(value, false, ret_v) ||
	    *ret_v > max)
		return fail(err, EBADMSG, "pax record '%s': '%.40s' is not right", key, value);
	return 0;
}

/* "1700000000.25", perhaps negative. */
static int take_time(const char *value, struct tar_entry *e, struct error *err)
{
	char *end;
	u32 ns = 0, unit = 100000000;

	e->mtime = strtoll(value, &end, 10);
	if (end == value || (*end && *end != '.'))
		return fail(err, EBADMSG, "pax record 'mtime': '%.40s' is not right", value);
	for (end += *end == '.'; *end >= '0' && *end <= '9'; end++, unit /= 10)
		ns += (u32)(*end - '0') * unit;
	e->mtime_ns = ns;
	return 0;
}

static int take_record(struct tar_entry *e, const char *key, const char *value, size_t len,
		       struct error *err)
{
	u64 v = 0;
	int r = 0;

	if (!strcmp(key, "path") && len)
		e->path = value;
	else if (!strcmp(key, "linkpath") && len)
		e->link = value;
	else if (!strcmp(key, "size"))
		return take_decimal(value, INT64_MAX - BLOCK, &e->size, key, err);
	else if (!strcmp(key, "mtime") && len)
		return take_time(value, e, err);
	else if (!strcmp(key, "uid") && (r = take_decimal(value, UINT32_MAX - 1, &v, key, err)) == 0)
		e->uid = (u32)v;
	else if (!strcmp(key, "gid") && (r = take_decimal(value, UINT32_MAX - 1, &v, key, err)) == 0)
		e->gid = (u32)v;
	else if (str_starts(key, "GNU.sparse."))
		return fail(err, ENOTSUP, "a sparse file (pax record '%s'): not supported", key);
	if (r < 0 || !str_starts(key, "SCHILY.xattr."))
		return r;
	if (e->xattrs == TAR_XATTRS)
		return fail(err, E2BIG, "more than %d extended attributes", TAR_XATTRS);
	e->xattr[e->xattrs++] = (struct tar_xattr){ key + 13, value, len };
	return 0;
}

/* Records are "LENGTH KEY=VALUE\n"; LENGTH counts all of it.  e NULL: a global header,
 * which may only hold what has no effect. */
static int take_pax(char *p, size_t left, struct tar_entry *e, struct error *err)
{
	while (left) {
		char *start, *equals, *key;
		u64 len = strtoull(p, &start, 10);
		int r = 0;

		if (*p < '0' || *p > '9' || *start != ' ' || len > left ||
		    len < (u64)(start - p) + 3 || p[len - 1] != '\n')
			return fail(err, EBADMSG, "a damaged pax record");
		key = start + 1;
		p[len - 1] = 0;
		equals = memchr(key, '=', (size_t)(p + len - key));
		if (!equals)
			return fail(err, EBADMSG, "a pax record without '='");
		*equals = 0;
		if (e)
			r = take_record(e, key, equals + 1, (size_t)(p + len - 1 - equals - 1), err);
		else if (strcmp(key, "comment"))
			r = fail(err, ENOTSUP, "a global pax header with '%.40s': not supported", key);
		if (r < 0)
			return r;
		p += len;
		left -= len;
	}
	return 0;
}

static int take_global(struct tar *t, struct error *err)
{
	char *text = NULL;
	size_t len = 0;
	int r = read_extra(t, &text, &len, err);

	if (r == 0)
		r = take_pax(text, len, NULL, err);
	free(text);
	return r;
}

/* Headers that are not entries: 1 when h was one of those. */
static int take_extra(struct tar *t, const struct header *h, struct error *err)
{
	int r;

	switch (h->type) {
	case 'x':
		r = read_extra(t, &t->pax, &t->pax_len, err);
		break;
	case 'L':
		r = read_extra(t, &t->path, NULL, err);
		break;
	case 'K':
		r = read_extra(t, &t->link, NULL, err);
		break;
	case 'g':
		r = take_global(t, err);
		break;
	case 'V':
		r = 0;
		break;
	case 'S':
		return fail(err, ENOTSUP, "'%.100s' is a sparse file of GNU tar: not supported", h->name);
	default:
		return 0;
	}
	return r < 0 ? r : 1;
}

static int set_size(struct tar *t, i64 size, struct error *err)
{
	if (size < 0 || size > INT64_MAX - BLOCK)
		return fail(err, EBADMSG, "a size that no file can have");
	t->data_left = (u64)size;
	t->padding = (u32)(-(u64)size % BLOCK);
	return 0;
}

static int take_fields(struct tar *t, const struct header *h, struct tar_entry *e,
		       struct error *err)
{
	i64 mode, uid, gid, major = 0, minor = 0;
	bool posix = !memcmp(h->magic, "ustar", 6);

	if (!NUMBER(h->mode, &mode) || !NUMBER(h->uid, &uid) || !NUMBER(h->gid, &gid) ||
	    !NUMBER(h->mtime, &e->mtime))
		return fail(err, EBADMSG, "'%.100s': a number of its tar header is damaged", h->name);
	e->type = h->type == 0 || h->type == '7' ? '0' : h->type;
	if ((e->type == '3' || e->type == '4') &&
	    (!NUMBER(h->major, &major) || !NUMBER(h->minor, &minor)))
		return fail(err, EBADMSG, "'%.100s': damaged device number", h->name);
	if (e->type < '0' || e->type > '6')
		return fail(err, ENOTSUP, "'%.100s': tar entries of type %d are not supported",
			    h->name, h->type);
	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return fail(err, EBADMSG, "'%.100s': no such owner can be", h->name);
	e->mode = (u32)mode & 07777;
	e->uid = (u32)uid;
	e->gid = (u32)gid;
	e->major = (u32)major;
	e->minor = (u32)minor;
	if (!t->path && posix && h->prefix[0])
		t->path = xasprintf("%.155s/%.100s", h->prefix, h->name);
	else if (!t->path)
		t->path = xasprintf("%.100s", h->name);
	if (!t->link)
		t->link = xasprintf("%.100s", h->link);
	e->path = t->path;
	e->link = t->link;
	return 0;
}

static int finish_entry(struct tar *t, struct tar_entry *e, struct error *err)
{
	size_t len;
	int r = t->pax ? take_pax(t->pax, t->pax_len, e, err) : 0;

	if (r < 0)
		return r;
	len = strlen(e->path);
	if (len >= PATH_MAX || strlen(e->link) >= PATH_MAX)
		return fail(err, ENAMETOOLONG, "'%.60s...': a name longer than Linux can have", e->path);
	if (e->type == '0' && len && e->path[len - 1] == '/')
		e->type = '5';		/* as before ustar */
	if (e->type != '0')
		e->size = 0;		/* writers put the target's size there */
	return set_size(t, (i64)e->size, err);
}

int tar_next(struct tar *t, struct tar_entry *ret_e, struct error *err)
{
	struct header h;
	i64 size;
	int r = skip_data(t, err);

	drop_texts(t);
	for (;;) {
		if (r == 0)
			r = read_header(t, &h, err);
		if (r < 0)
			return r;
		if (r == 0) {
			if (t->pax || t->path || t->link)
				return fail(err, EBADMSG, "the tar ends before the file that its "
					    "last header is about");
			return 0;
		}
		if (!NUMBER(h.size, &size))
			return fail(err, EBADMSG, "'%.100s': damaged size", h.name);
		r = set_size(t, size, err);
		if (r == 0)
			r = take_extra(t, &h, err);
		if (r < 0)
			return r;
		if (r == 0)
			break;
		r = skip_data(t, err);
	}
	*ret_e = (struct tar_entry){ .size = (u64)size };
	r = take_fields(t, &h, ret_e, err);
	if (r == 0)
		r = finish_entry(t, ret_e, err);
	return r < 0 ? r : 1;
}
