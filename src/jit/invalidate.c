/* Guest code that goes away or changes.
 *
 * How it works: unmapping drops the blocks of the range.  An instruction fence
 * makes blocks from writable memory STALE: cut off like dropped ones, but kept.
 * The next entry compares their source with memory and either revives or drops
 * them.  So a fence costs what was entered since the last one, not what was
 * ever translated: jit.active lists the LIVE blocks from writable memory.
 *
 * A block being translated meanwhile is caught by change counters, one per page
 * (modulo CHANGES): a range is counted before its blocks are looked for, and the
 * translator compares the count from before it read guest memory with that at
 * publishing, under the lock.
 *
 * Callers change the mapping or the bytes first and call here after.
 * Thread: any; jit.lock.
 */
#include "jit/core.h"

enum { FORGET_MAX = 64 };

/* Guest pcs to take out of all jump tables at the end of an operation, under the lock. */
static u64 forget[FORGET_MAX];
static u32 forget_count;	/* FORGET_MAX + 1: too many, clear everything */

static void forget_add(u64 pc)
{
	if (forget_count < FORGET_MAX)
		forget[forget_count++] = pc;
	else
		forget_count = FORGET_MAX + 1;
}

static void forget_now(void)
{
	if (!forget_count)
		return;
	vcpu_list_lock();
	for (struct vcpu *cpu = vcpu_list_first(); cpu; cpu = cpu->next) {
		if (forget_count > FORGET_MAX)
			jit.host->jump_flush(cpu);
		else
			for (u32 i = 0; i < forget_count; i++)
				jit.host->jump_clear(cpu, forget[i]);
	}
	vcpu_list_unlock();
	forget_count = 0;
}

void jumps_forget_all(void)
{
	forget_count = FORGET_MAX + 1;
	forget_now();
}

static void deactivate(struct jit_block *b)
{
	u32 last;

	if (!b->active)
		return;
	last = jit.active[--jit.active_count];
	jit.active[b->active - 1] = last;
	jit.block[last].active = b->active;
	b->active = 0;
}

void block_activate(struct jit_block *b)
{
	assert(!b->active);
	jit.active[jit.active_count++] = block_index(b);
	b->active = jit.active_count;
}

void block_drop(struct jit_block *b)
{
	assert(!(block_flags(b) & (BLOCK_DROPPED | BLOCK_ONCE)));
	block_flags_set(b, block_flags(b) | BLOCK_DROPPED);
	block_remove(b);
	links_cut_in(b);
	links_cut_out(b);
	deactivate(b);
	jit.chunk[block_chunk(block_index(b))].dropped += b->hot_len;
	jit.count.dropped++;
}

static void drop(struct jit_block *b)
{
	block_drop(b);
	forget_add(b->pc);
}

/* ---- change counters ---- */

static u32 *changes_of(u64 page)
{
	return &jit.changes[page % CHANGES];
}

static void count_change(u64 start, u64 len)
{
	u64 last = len - 1 > ~start ? ~0ull : start + (len - 1);
	u64 page = start >> 12, pages = (last >> 12) - page + 1;

	if (pages > CHANGES / 8) {
		__atomic_fetch_add(&jit.changes_all, 1, __ATOMIC_SEQ_CST);
		return;
	}
	for (u64 i = 0; i < pages; i++)
		__atomic_fetch_add(changes_of(page + i), 1, __ATOMIC_SEQ_CST);
}

u64 jit_changes(u64 pc)
{
	u64 page = pc >> 12;

	return (u64)__atomic_load_n(&jit.changes_all, __ATOMIC_SEQ_CST) +
	       __atomic_load_n(changes_of(page), __ATOMIC_SEQ_CST) +
	       __atomic_load_n(changes_of(page + 1), __ATOMIC_SEQ_CST);
}

/* ---- the hooks ---- */

void jit_invalidate(gva start, u64 len)
{
	if (!len)
		return;
	jit_lock();
	count_change(start, len);
	blocks_in(start, len, drop);
	forget_now();
	jit_unlock();
}

static void stale(struct jit_block *b)
{
	u32 flags = block_flags(b);

	if (!(flags & BLOCK_WRITABLE) || flags & BLOCK_STALE)
		return;
	block_flags_set(b, flags | BLOCK_STALE);
	links_cut_in(b);
	deactivate(b);
	forget_add(b->pc);
}

void jit_flush_code(gva start, u64 len)
{
	if (!len)
		return;
	jit_lock();
	count_change(start, len);
	if (!start && len + 1 < 2)	/* 2^64 - 1, or 2^64 written as 0 */
		while (jit.active_count)
			stale(&jit.block[jit.active[jit.active_count - 1]]);
	else
		blocks_in(start, len, stale);
	forget_now();
	jit_unlock();
}

bool block_recheck(struct vcpu *cpu, struct jit_block *b)
{
	u8 bytes[BLOCK_BYTES_MAX];
	u64 pc = b->pc, changes;
	bool writable, same;
	u32 len = b->len;

	do {
		changes = jit_changes(pc);
		/* b is not reused while we are in exec(); DROPPED is looked at below */
		same = guest_code->fetch(cpu, pc, bytes, len, &writable) == len &&
		       !memcmp(bytes, notes_source(b), len);
		jit_lock();
		if (changes == jit_changes(pc) || block_flags(b) & BLOCK_DROPPED)
			break;
		jit_unlock();
	} while (true);
	if (block_flags(b) & BLOCK_DROPPED) {
		same = false;
	} else if (!same) {
		block_drop(b);
	} else if (block_flags(b) & BLOCK_STALE) {
		block_flags_set(b, block_flags(b) & ~(u32)BLOCK_STALE);
		block_activate(b);
		jit.count.rechecked++;
	}
	jit_unlock();
	return same;
}
