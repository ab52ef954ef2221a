/* Filling a struct error (error.h).
 *
 * A text that does not fit is cut; the code never is.  Any thread: the record
 * belongs to the caller.
 */
#include "base/error.h"
#include "base/str.h"
#include <stdarg.h>

int fail(struct error *err, int code, const char *fmt, ...)
{
	struct str s = STR(err->text);
	va_list ap;

	assert(code > 0);
	err->code = code;
	va_start(ap, fmt);
	str_vadd(&s, fmt, ap);
	va_end(ap);
	return -code;
}

int prefix(struct error *err, int r, const char *fmt, ...)
{
	char text[sizeof err->text];
	struct str s = STR(text);
	va_list ap;

	assert(r < 0);
	va_start(ap, fmt);
	str_vadd(&s, fmt, ap);
	va_end(ap);
	str_add(&s, ": %s", err->text);
	memcpy(err->text, text, s.len + 1);
	return r;
}
