/* Memory that aborts when there is none, strings made of it, and panic.
 *
 * Sizes we choose ourselves are small against the machine, so running out of
 * them is not worth an error path at each call; sizes that a guest, a file or
 * a peer chose go through try_alloc, whose NULL the caller must handle.
 * Any thread; no locks of our own.  panic is safe in a signal handler.
 */
#include "base/base.h"
#include "base/str.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *try_alloc(size_t count, size_t size)
{
	return calloc(count ? count : 1, size ? size : 1);
}

void *xcalloc(size_t count, size_t size)
{
	void *p = try_alloc(count, size);

	if (!p)
		panic("out of memory: %zu times %zu bytes", count, size);
	return p;
}

void *xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		panic("out of memory: %zu bytes", size);
	return p;
}

char *xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xcalloc(1, size), s, size);
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		panic("out of memory: text for '%s'", fmt);
	return text;
}

void auto_free(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

void panic(const char *fmt, ...)
{
	char buf[600];
	struct str s = STR(buf);
	va_list ap;
	ssize_t n;

	str_puts(&s, "mimus: ");
	va_start(ap, fmt);
	str_vadd(&s, fmt, ap);
	va_end(ap);
	str_puts(&s, "\n");
	n = write(STDERR_FILENO, s.buf, s.len);
	(void)n;	/* nowhere to say so */
	abort();
}
