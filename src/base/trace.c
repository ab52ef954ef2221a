/* Finding and printing trace points (trace.h).
 *
 * The points of the whole program sit in the linker section mimus_traces as
 * pointers; the linker makes the two ends of it.  The ends are weak because a
 * program may hold no point at all.
 */
#include "base/trace.h"
#include "base/log.h"
#include "base/str.h"

extern struct trace_key *const __start_mimus_traces[] __attribute__((weak, visibility("hidden")));
extern struct trace_key *const __stop_mimus_traces[] __attribute__((weak, visibility("hidden")));

const struct trace_key *trace_point(u32 n)
{
	size_t count = (size_t)(__stop_mimus_traces - __start_mimus_traces);

	return n < count ? __start_mimus_traces[n] : NULL;
}

u32 trace_enable(const char *pattern)
{
	u32 count = 0;

	for (struct trace_key *const *k = __start_mimus_traces; k < __stop_mimus_traces; k++) {
		char name[300];
		struct str s = STR(name);

		str_add(&s, "%s:%s", (*k)->module, (*k)->format);
		if (!str_glob(pattern, (*k)->module) && !str_glob(pattern, name))
			continue;
		__atomic_store_n(&(*k)->on, true, __ATOMIC_RELAXED);
		count++;
	}
	return count;
}

void trace_write(const struct trace_key *key, const char *fmt, ...)
{
	char buf[LOG_LINE_MAX];
	struct str s = STR(buf);
	int saved = errno;
	va_list ap;

	str_add(&s, "%s: ", key->module);
	va_start(ap, fmt);
	str_vadd(&s, fmt, ap);
	va_end(ap);
	if (s.len == s.size - 1)
		s.len--;
	s.buf[s.len++] = '\n';
	log_text(s.buf, s.len);
	errno = saved;
}
