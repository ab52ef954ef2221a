/* Text in a buffer of fixed size, and questions about text.
 *
 * Interface:
 * - char buf[100]; struct str s = STR(buf); str_add(&s, "%d", 1);
 *   The text is always ended by NUL and never outgrows the buffer; what does
 *   not fit is dropped and `cut` says so.
 * - Nothing here allocates or locks; str_add may be used in a signal handler
 *   as long as the format has no floating point.
 * - A struct str belongs to one thread.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/base.h"
#include <stdarg.h>

struct str {
	char *buf;
	size_t size;		/* of buf, at least 1 */
	size_t len;		/* without the NUL */
	bool cut;		/* something did not fit */
};

/* For a char array, not a pointer. */
#define STR(array) str_init(array, sizeof(array))

struct str str_init(char *buf, size_t size);
void str_add(struct str *s, const char *fmt, ...) PRINTF(2, 3);
void str_vadd(struct str *s, const char *fmt, va_list ap) PRINTF(2, 0);
void str_puts(struct str *s, const char *text);
void str_putc(struct str *s, char c);

/* Add spaces until the text is `column` wide, counted from its start. */
void str_pad(struct str *s, size_t column);

/* True when text matches the pattern: * is any run, ? any one character. */
bool str_glob(const char *pattern, const char *text);

bool str_starts(const char *text, const char *start);
bool str_ends(const char *text, const char *end);

/* Read a whole unsigned number: decimal, or hexadecimal after 0x.  With `units`
 * a K, M, G or T (powers of 1024) may follow.  False when anything is left over
 * or the number does not fit; ret_value is then untouched. */
bool str_to_u64(const char *text, bool units, u64 *ret_value);

/* How many single-character edits (change, insert, drop, swap two neighbours)
 * turn a into b; texts longer than 63 count as far apart. */
u32 str_distance(const char *a, const char *b);

#endif
