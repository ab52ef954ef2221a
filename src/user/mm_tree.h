/* The guest's mappings as a set of areas: disjoint, sorted, equal neighbours merged.
 *
 * Interface:
 * - Writers hold mm's lock and bracket each change with areas_write_begin/end.
 * - areas_find_shared is for everybody: no lock, safe in signal handlers of threads that are not writing.
 * - All addresses are guest addresses, multiples of the page size.
 */
#ifndef USER_MM_TREE_H
#define USER_MM_TREE_H

#include "base/base.h"

enum area_attr {
	AREA_R = 1, AREA_W = 2, AREA_X = 4,	/* = PROT_READ, PROT_WRITE, PROT_EXEC */
	AREA_PROT = 7,
	AREA_SHARED = 8,	/* others may write to the same bytes */
	AREA_FILE = 16,
	AREA_GROWSDOWN = 32,
	AREA_DONTFORK = 64,
	AREA_SHM = 128,		/* System V segment */
	AREA_OURS = 256,	/* not the guest's: taken by the emulator, found in the way */
};

struct area {
	u64 start, end;
	u32 attr;
	u32 tag;		/* areas merge only with the same tag; 0 = plain */
};

/* Reserve the node pool: 0 or -ENOMEM. */
int areas_init(void) MUST_CHECK;

/* Room for one more change (each takes at most three nodes)? */
bool areas_room(void);

void areas_write_begin(void);
void areas_write_end(void);

/* Forget everything in [start, end).  Writer. */
void areas_cut(u64 start, u64 end);
/* Add an area where nothing is; merges.  Writer. */
void areas_add(const struct area *a);
/* Bytes in all areas.  Writer, or a guess. */
u64 areas_bytes(void);

/* The first area that ends after va: false if there is none.  Under the lock. */
bool areas_next(u64 va, struct area *ret);
/* The last area that starts below va: false if there is none.  Under the lock. */
bool areas_previous(u64 va, struct area *ret);
/* Same as areas_next, without the lock. */
bool areas_next_shared(u64 va, struct area *ret);

/* A number that changes with every change; odd while one is under way.  areas_version waits for an even one. */
u64 areas_version(void);
bool areas_version_is(u64 version);

/* Highest start in [low, high - len] of a free range of len bytes aligned to align: 0 if there is none.  Lock. */
u64 areas_gap(u64 low, u64 high, u64 len, u64 align);

#endif
