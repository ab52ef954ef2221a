/* Memory for one piece of work, given back all at once.
 *
 * Interface:
 * - arena_alloc is a pointer bump; memory is not cleared, arena_zalloc clears.
 *   Blocks are aligned to 16 bytes and live until the next arena_reset.
 * - arena_reset keeps the memory: after the first few pieces of work an arena
 *   allocates nothing more from the system.
 * - For sizes we chose: runs out only by abort.  One thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

struct arena_chunk;

struct arena {
	u8 *at, *end;			/* free part of the chunk in use */
	struct arena_chunk *chunk;	/* the chunk in use */
	struct arena_chunk *first;
	size_t chunk_size;		/* smallest chunk to get, in bytes */
};

void arena_init(struct arena *a, size_t chunk_size);
void arena_done(struct arena *a);
void arena_reset(struct arena *a);

/* The slow path of arena_alloc: go to the next chunk. */
void *arena_more(struct arena *a, size_t size);

static inline void *arena_alloc(struct arena *a, size_t size)
{
	u8 *p = a->at;

	size = (size + 15) & ~(size_t)15;
	if (unlikely(size > (size_t)(a->end - p)))
		return arena_more(a, size);
	a->at = p + size;
	return p;
}

static inline void *arena_zalloc(struct arena *a, size_t size)
{
	return memset(arena_alloc(a, size), 0, size);
}

#define arena_new(a, type) ((type *)arena_zalloc(a, sizeof(type)))
#define arena_array(a, type, count) ((type *)arena_zalloc(a, sizeof(type) * (count)))

#endif
