/* Trace points: trace(rtc, "read %u", index); in place, named nowhere else.
 *
 * Interface:
 * - Off, a point costs one load and a branch; on, it writes a line to the log:
 *   "rtc: read 4".  The newline is added.
 * - -trace 'pattern' turns on points whose module, or "module:format", matches.
 * - Any thread and signal handlers, like the log.
 */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include "base/base.h"

struct trace_key {
	const char *module, *format, *file;
	u32 line;
	bool on;		/* relaxed atomic */
};

#define trace(mod, ...) trace_at_(mod, __VA_ARGS__, "")
#define trace_at_(mod, fmt, ...) \
	do { \
		static struct trace_key trace_key_ = { #mod, fmt, __FILE__, __LINE__, false }; \
		static struct trace_key *const trace_ptr_ \
			__attribute__((section("mimus_traces"), used)) = &trace_key_; \
		if (unlikely(__atomic_load_n(&trace_key_.on, __ATOMIC_RELAXED))) \
			trace_write(&trace_key_, fmt "%s", __VA_ARGS__); \
	} while (0)

void trace_write(const struct trace_key *key, const char *fmt, ...) PRINTF(2, 3);

/* Turn on the points that match; returns how many points that is now. */
u32 trace_enable(const char *pattern);

/* The n-th point (in no particular order), or NULL past the last. */
const struct trace_key *trace_point(u32 n);

#endif
