/* Blocks: where they are found, by guest pc, by guest range, by host pc, by link.
 *
 * The tables are drawn in core.h.  A window's chain holds blocks of any mode
 * and of any address that is the same modulo the table's reach, so every
 * comparison is on the whole pc and mode.
 * Thread: finding takes no lock, changing is under jit.lock.  A block taken out
 * keeps its `next`, so a reader standing on it finds its way on.
 */
#include "jit/core.h"

static u32 *window_of(u64 pc)
{
	return &jit.window[(pc >> WINDOW_SHIFT) & jit.window_mask];
}

/* Higher bits are mixed in, so that code low and data high do not share their counts. */
static u32 *granule_of(u64 pc)
{
	return &jit.granule[(pc >> GRANULE_SHIFT ^ pc >> 32) % COUNTS];
}

static u32 *area_of(u64 pc)
{
	return &jit.area[(pc >> AREA_SHIFT ^ pc >> 40) % COUNTS];
}

struct jit_block *block_find(u64 pc, u32 mode)
{
	u32 i = __atomic_load_n(window_of(pc), __ATOMIC_ACQUIRE);

	while (i) {
		struct jit_block *b = &jit.block[i];

		if (b->pc == pc && b->mode == mode)
			return b;
		i = __atomic_load_n(&b->next, __ATOMIC_ACQUIRE);
	}
	return NULL;
}

u64 block_ahead(u64 pc, u32 mode)
{
	u64 far = (1u << WINDOW_SHIFT) - (pc & ((1u << WINDOW_SHIFT) - 1));
	u32 i = __atomic_load_n(window_of(pc), __ATOMIC_ACQUIRE);

	while (i) {
		const struct jit_block *b = &jit.block[i];

		if (b->pc - pc < far && b->mode == mode)
			far = b->pc - pc;
		i = __atomic_load_n(&b->next, __ATOMIC_ACQUIRE);
	}
	return far;
}

void block_insert(struct jit_block *b)
{
	u32 *head = window_of(b->pc);

	b->next = *head;
	__atomic_store_n(head, block_index(b), __ATOMIC_RELEASE);
	++*granule_of(b->pc);
	++*area_of(b->pc);
}

void block_remove(struct jit_block *b)
{
	u32 *at = window_of(b->pc), index = block_index(b);

	while (*at != index) {
		assert(*at);
		at = &jit.block[*at].next;
	}
	__atomic_store_n(at, b->next, __ATOMIC_RELEASE);
	--*granule_of(b->pc);
	--*area_of(b->pc);
}

/* The last block of its chunk whose start (hot or cold) is at or before off. */
struct jit_block *block_at(u32 off)
{
	u32 chunk = off >> jit.chunk_shift, first = (chunk << jit.blocks_shift) + 1, lo, hi, step;
	const struct jit_chunk *c = &jit.chunk[chunk];
	bool cold = (off & (cache_chunk_size() - 1)) >= c->hot_cap;

	hi = (chunk << jit.blocks_shift) + __atomic_load_n(&c->blocks, __ATOMIC_ACQUIRE);
	/* the newest are asked for most often: back from the end in growing steps */
	for (step = 1, lo = hi; lo > first; step *= 4) {
		const struct jit_block *b;

		lo = lo - first > step ? lo - step : first;
		b = &jit.block[lo];
		if ((cold ? b->cold : b->hot) <= off)
			break;
		hi = lo;
	}
	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;
		const struct jit_block *b = &jit.block[mid];

		if ((cold ? b->cold : b->hot) <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > first ? &jit.block[lo - 1] : NULL;
}

struct jit_block *block_of_link(u32 link)
{
	u32 chunk = link >> jit.links_shift, lo = (chunk << jit.blocks_shift) + 1;
	u32 hi = (chunk << jit.blocks_shift) + __atomic_load_n(&jit.chunk[chunk].blocks, __ATOMIC_ACQUIRE);

	while (hi - lo > 1) {
		u32 mid = lo + (hi - lo) / 2;

		if (jit.block[mid].links <= link)
			lo = mid;
		else
			hi = mid;
	}
	return &jit.block[lo];
}

static bool overlaps(const struct jit_block *b, u64 first, u64 last)
{
	return b->pc <= last && b->pc + (b->len - 1u) >= first;
}

/* Windows of addresses at .. end, all in one granule. */
static void each_in_windows(u64 at, u64 end, u64 first, u64 last, void (*fn)(struct jit_block *b))
{
	for (u64 w = at >> WINDOW_SHIFT; w <= end >> WINDOW_SHIFT; w++) {
		u32 i = jit.window[w & jit.window_mask], next;

		for (; i; i = next) {
			struct jit_block *b = &jit.block[i];

			next = b->next;
			if (overlaps(b, first, last))
				fn(b);
		}
	}
}

static void each_anywhere(u64 first, u64 last, void (*fn)(struct jit_block *b))
{
	for (u32 c = 0; c < jit.chunk_count; c++) {
		u32 base = c << jit.blocks_shift;

		for (u32 i = 1; i < jit.chunk[c].blocks; i++) {
			struct jit_block *b = &jit.block[base + i];

			if (!(block_flags(b) & (BLOCK_DROPPED | BLOCK_ONCE)) && overlaps(b, first, last))
				fn(b);
		}
	}
}

void blocks_in(u64 start, u64 len, void (*fn)(struct jit_block *b))
{
	u64 last = len > ~start ? ~0ull : start + len - 1;
	u64 at = start < BLOCK_BYTES_MAX ? 0 : start - BLOCK_BYTES_MAX;

	if (!len)
		return;
	if ((last - at) >> AREA_SHIFT >= COUNTS / 16) {
		each_anywhere(start, last, fn);
		return;
	}
	for (;;) {
		u32 shift = GRANULE_SHIFT;
		u64 end;

		if (!*area_of(at))
			shift = AREA_SHIFT;
		end = min_u64(at | ((1ull << shift) - 1), last);
		if (shift == GRANULE_SHIFT && *granule_of(at))
			each_in_windows(at, end, start, last, fn);
		if (end == last)
			break;
		at = end + 1;
	}
}

void blocks_in_chunk(u32 chunk, void (*fn)(struct jit_block *b))
{
	u32 base = chunk << jit.blocks_shift;

	for (u32 i = 1; i < jit.chunk[chunk].blocks; i++)
		fn(&jit.block[base + i]);
}
