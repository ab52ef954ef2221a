/* Chunks of an arena (arena.h).
 *
 * Chunks form a list that is walked forward as they fill and restarted by a
 * reset.  A request larger than the next chunk gets a chunk of its own in
 * front of it, so no memory is skipped for good.
 */
#include "base/arena.h"
#include <stdlib.h>

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;			/* of data, in bytes */
	_Alignas(16) u8 data[];
};

static void use(struct arena *a, struct arena_chunk *c)
{
	a->chunk = c;
	a->at = c->data;
	a->end = c->data + c->size;
}

static struct arena_chunk *chunk_new(size_t size)
{
	struct arena_chunk *c = malloc(sizeof *c + size);

	if (!c)
		panic("out of memory: %zu bytes for an arena", size);
	*c = (struct arena_chunk){ .size = size };
	return c;
}

void arena_init(struct arena *a, size_t chunk_size)
{
	assert(chunk_size >= 16 && chunk_size % 16 == 0);
	*a = (struct arena){ .chunk_size = chunk_size };
	a->first = chunk_new(chunk_size);
	use(a, a->first);
}

void arena_done(struct arena *a)
{
	for (struct arena_chunk *c = a->first, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	*a = (struct arena){ 0 };
}

void arena_reset(struct arena *a)
{
	use(a, a->first);
}

void *arena_more(struct arena *a, size_t size)
{
	struct arena_chunk *next = a->chunk->next;

	if (!next || next->size < size) {
		next = chunk_new(size > a->chunk_size ? size : a->chunk_size);
		next->next = a->chunk->next;
		a->chunk->next = next;
	}
	use(a, next);
	a->at += size;
	return next->data;
}
