/* Bounded text building and small questions about text (str.h).
 *
 * Every writer works out what room is left before it writes, so a text can be
 * built up without checking anything on the way.  str_distance is the usual
 * table of edits, three rows kept.  Any thread; nothing is shared.
 */
#include "base/str.h"
#include <stdio.h>

struct str str_init(char *buf, size_t size)
{
	assert(size > 0);
	buf[0] = 0;
	return (struct str){ .buf = buf, .size = size };
}

void str_vadd(struct str *s, const char *fmt, va_list ap)
{
	size_t room = s->size - s->len;
	int n = vsnprintf(s->buf + s->len, room, fmt, ap);

	assert(n >= 0);
	if ((size_t)n >= room) {
		s->cut = true;
		s->len = s->size - 1;
	} else {
		s->len += (size_t)n;
	}
}

void str_add(struct str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_vadd(s, fmt, ap);
	va_end(ap);
}

void str_puts(struct str *s, const char *text)
{
	size_t len = strlen(text), room = s->size - 1 - s->len;

	if (len > room) {
		s->cut = true;
		len = room;
	}
	memcpy(s->buf + s->len, text, len);
	s->len += len;
	s->buf[s->len] = 0;
}

void str_putc(struct str *s, char c)
{
	char text[2] = { c, 0 };

	str_puts(s, text);
}

void str_pad(struct str *s, size_t column)
{
	while (s->len < column && !s->cut)
		str_putc(s, ' ');
}

bool str_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			/* let the last star take one more character */
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == 0;
}

bool str_starts(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

bool str_ends(const char *text, const char *end)
{
	size_t text_len = strlen(text), end_len = strlen(end);

	return text_len >= end_len && strcmp(text + text_len - end_len, end) == 0;
}

/* The digit's worth, or 255. */
static u32 digit(char c)
{
	if (c >= '0' && c <= '9')
		return (u32)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (u32)(c - 'a' + 10) : 255;
}

bool str_to_u64(const char *text, bool units, u64 *ret_value)
{
	u32 radix = 10, shift = 0;
	u64 value = 0;

	if (text[0] == '0' && (text[1] | 0x20) == 'x') {
		radix = 16;
		text += 2;
	}
	if (digit(*text) >= radix)
		return false;
	for (; digit(*text) < radix; text++) {
		if (__builtin_mul_overflow(value, radix, &value) ||
		    __builtin_add_overflow(value, digit(*text), &value))
			return false;
	}
	if (*text && units) {
		switch (*text++ | 0x20) {
		case 'k':	shift = 10; break;
		case 'm':	shift = 20; break;
		case 'g':	shift = 30; break;
		case 't':	shift = 40; break;
		default:	return false;
		}
	}
	if (*text || (value << shift) >> shift != value)
		return false;
	*ret_value = value << shift;
	return true;
}

u32 str_distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	u32 row[3][64];		/* two rows ago, last row, this row: turned round */
	u32 *before = row[0], *last = row[1], *now = row[2];

	if (a_len > 63 || b_len > 63)
		return 64;
	for (size_t j = 0; j <= b_len; j++)
		last[j] = (u32)j;
	for (size_t i = 1; i <= a_len; i++) {
		u32 *reuse = before;

		now[0] = (u32)i;
		for (size_t j = 1; j <= b_len; j++) {
			u32 best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
		before = last;
		last = now;
		now = reuse;
	}
	return last[b_len];
}
