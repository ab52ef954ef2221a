/* The breakpoint list, and the two tables that tie debuggers to run loops (debug.h).
 *
 * A sorted array under a mutex; most of the time it is empty, which debug_breaks says without the
 * lock.  The order that makes a breakpoint certain: into the list first, then the translator drops
 * what it made of that address; a translation that looked before is counted as changed meanwhile and
 * made again.
 * Any thread; the mutex is a leaf and is not held when the accelerator is called.
 */
#include "cpu/debug.h"
#include "cpu/accel.h"
#include "cpu/target.h"

enum { BREAKS_MAX = 4096 };

u32 debug_breaks;
const struct debug_hooks *cpu_debug;
const struct debug_machine *debug_machine;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static gva breaks[BREAKS_MAX];	/* under mutex, ascending */

/* Index of the first one that is not below pc. */
static u32 lower_bound(gva pc)
{
	u32 from = 0, to = debug_breaks;

	while (from < to) {
		u32 middle = (from + to) / 2;

		if (breaks[middle] < pc)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

bool debug_break_find(gva pc)
{
	bool found;
	u32 i;

	pthread_mutex_lock(&mutex);
	i = lower_bound(pc);
	found = i < debug_breaks && breaks[i] == pc;
	pthread_mutex_unlock(&mutex);
	return found;
}

static void set_count(u32 n)
{
	__atomic_store_n(&debug_breaks, n, __ATOMIC_RELEASE);
}

static void drop_code(const struct accel *accel, gva pc)
{
	if (accel->invalidate)
		accel->invalidate(pc, 1);
}

int debug_break_set(const struct accel *accel, gva pc)
{
	int r = 0;
	u32 i;

	pthread_mutex_lock(&mutex);
	i = lower_bound(pc);
	if (i < debug_breaks && breaks[i] == pc) {
		r = 1;
	} else if (debug_breaks == BREAKS_MAX) {
		r = -ENOSPC;
	} else {
		memmove(&breaks[i + 1], &breaks[i], (debug_breaks - i) * sizeof breaks[0]);
		breaks[i] = pc;
		set_count(debug_breaks + 1);
	}
	pthread_mutex_unlock(&mutex);
	if (r == 0)
		drop_code(accel, pc);
	return r < 0 ? r : 0;
}

void debug_break_clear(const struct accel *accel, gva pc)
{
	bool found;
	u32 i;

	pthread_mutex_lock(&mutex);
	i = lower_bound(pc);
	found = i < debug_breaks && breaks[i] == pc;
	if (found) {
		memmove(&breaks[i], &breaks[i + 1], (debug_breaks - i - 1) * sizeof breaks[0]);
		set_count(debug_breaks - 1);
	}
	pthread_mutex_unlock(&mutex);
	if (found)
		drop_code(accel, pc);
}

void debug_break_clear_all(const struct accel *accel)
{
	for (;;) {
		gva pc = 0;
		bool any;

		pthread_mutex_lock(&mutex);
		any = debug_breaks > 0;
		if (any)
			pc = breaks[debug_breaks - 1];
		pthread_mutex_unlock(&mutex);
		if (!any)
			return;
		debug_break_clear(accel, pc);
	}
}

void debug_after_fork(const struct accel *accel)
{
	pthread_mutex_init(&mutex, NULL);
	debug_break_clear_all(accel);
}
