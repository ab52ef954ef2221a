/* The log that -d and -D steer.
 *
 * Interface:
 * - if (log_enabled(LOG_EXEC)) log_write("...\n", ...); the test is one load
 *   and a branch.  log_item(LOG_UNIMP, "...") does both.
 * - A call is one write of at most LOG_LINE_MAX bytes: lines of threads never
 *   mix.  Longer texts are built with a struct str and given to log_text.
 * - Any thread, and signal handlers: no lock, no allocation.
 * - log_mask is set at start or by the monitor; others see it soon.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"

/* The items of -d, named by the table in log.c. */
enum log_item {
	LOG_IN_ASM = 1 << 0,		/* guest code of each block translated */
	LOG_IR = 1 << 1,		/* its intermediate code, before passes */
	LOG_IR_OPT = 1 << 2,		/* and after */
	LOG_OUT_ASM = 1 << 3,		/* its host code */
	LOG_EXEC = 1 << 4,		/* a line for each block entered from C */
	LOG_CPU = 1 << 5,		/* registers at those */
	LOG_STRACE = 1 << 6,		/* system calls */
	LOG_INT = 1 << 7,		/* exceptions, interrupts, signals */
	LOG_PAGE = 1 << 8,		/* the guest's mappings */
	LOG_UNIMP = 1 << 9,		/* what the guest asks for and we lack */
	LOG_GUEST_ERROR = 1 << 10,	/* what the guest does wrong */
	LOG_NOCHAIN = 1 << 11,		/* not a log: blocks are never chained */
};

enum { LOG_LINE_MAX = 2048 };

extern u32 log_mask;		/* of enum log_item; read it through log_enabled */

static inline bool log_enabled(u32 items)
{
	return unlikely(__atomic_load_n(&log_mask, __ATOMIC_RELAXED) & items);
}

void log_write(const char *fmt, ...) PRINTF(1, 2);
void log_text(const char *text, size_t len);

#define log_item(item, ...) \
	do { \
		if (log_enabled(item)) \
			log_write(__VA_ARGS__); \
	} while (0)

/* Turn "in_asm,exec" into a mask.  "all" is every item except nochain. */
int log_parse(const char *items, u32 *ret_mask, struct error *err) MUST_CHECK;

/* Send the log to a file, made new unless `append`; %d in the name is our process id. */
int log_open(const char *name, bool append, struct error *err) MUST_CHECK;

/* Send the log to a descriptor that stays open (the one moved out of the
 * guest's reach).  The descriptor remains the caller's. */
void log_use(int fd);
int log_fd(void);

/* The name and help of the n-th item, or NULL past the last. */
const char *log_describe(u32 n, const char **ret_help);

#endif
