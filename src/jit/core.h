/* The translator's core, inside: its memory, its tables, and what its files
 * offer each other.
 *
 *   cache.c       code memory: two views, chunks, eviction, fork
 *   blocks.c      descriptors, look-up by guest pc and by host pc
 *   link.c        direct jumps between blocks
 *   notes.c       per-block bytes: fault points, copy of the source
 *   invalidate.c  what happens when guest code changes
 *   translate.c   one block from guest bytes to published host code
 *   exec.c        the run loop around host->enter; faults
 *   log.c perf.c stats.c   -d items, perf's files, counters
 *
 * Memory.  Code memory is cut into chunks, filled one at a time:
 *
 *      chunk:  | hot code -->      | cold code -->  |      (RX view; RW view elsewhere)
 *
 * and each chunk has its own stretch of the block, link and note arrays, so
 * giving up a chunk frees all that belongs to it.  Blocks, links and notes are
 * named by index; 0 is none.  All arrays are reserved address space, touched
 * as they fill.
 *
 * Within a chunk, blocks are in the order of their hot code, of their cold code
 * and of their links: finding the block of a host pc or of a link is a binary
 * search.
 *
 * Look-up.  window[] is indexed by bits 6.. of the guest pc, unscrambled, so
 * that neighbours share cache lines and a range of addresses is a range of
 * windows.  A window is a chain of blocks through block.next.  granule[] and
 * area[] count blocks by 64 KiB and by 16 MiB, so that ranges without code are
 * passed over quickly.
 *
 * Life of a block.  made (translate) -> LIVE -> DROPPED.  A block from writable
 * memory may be STALE in between: a fence has passed and its source must be
 * compared before it is entered again.  Nothing reaches a STALE or DROPPED block
 * but a thread that is inside: no link, no jump table entry; its own links go to
 * their stubs.  Its memory is reused after an exclusive section.
 *
 * Locking.  jit.lock guards every change.  Readers of window[] chains and of
 * published blocks take no lock: they are in exec() (memory is not reused there)
 * or hold the lock.  Building IR runs outside the lock; change counters
 * (jit_changes) tell whether the guest's code moved meanwhile.
 */
#ifndef JIT_CORE_H
#define JIT_CORE_H

#include "jit/code.h"
#include "jit/frontend.h"
#include "jit/jit.h"
#include "base/log.h"
#include <pthread.h>

enum block_flags {
	BLOCK_DROPPED = 1,	/* out of the tables */
	BLOCK_STALE = 2,	/* in the tables; compare the source before use */
	BLOCK_WRITABLE = 4,	/* from writable memory: notes hold a copy of the source */
	BLOCK_ONCE = 8,		/* never in the tables (single step) */
	BLOCK_NEW_FLAGS = 16,	/* overwrites the guest's flags before anything looks at them */
};

struct jit_block {
	u64 pc;			/* guest */
	u32 mode;
	u32 next;		/* block: chain of its window */
	u32 hot, cold;		/* code offsets */
	u32 links;		/* number of its first link */
	u32 incoming;		/* link: first of those that jump here */
	u32 notes;		/* note offset */
	u16 len;		/* guest bytes */
	u8 flags;		/* atomic */
	u8 link_count;		/* its links are links .. links + link_count - 1 */
	u32 active;		/* place in jit.active + 1, 0 = not there */
	u16 hot_len, cold_len;	/* bytes */
};
_Static_assert(sizeof(struct jit_block) <= 48, "block descriptor is small");

/* A direct exit. */
struct jit_link {
	u16 site;		/* of the rel32, from the block's hot code; with SITE_COLD from its cold code */
	u16 stub;		/* likewise */
	u16 flags_site, flags_stub;	/* likewise, of the jump behind the code that stores the flags; 0 = none */
	i32 target;		/* guest bytes from the block's pc */
	u32 next, prev;		/* links to the same block; prev: LINK_HEAD + block when first; 0 = not linked */
};
enum { SITE_COLD = 0x8000, BLOCK_CODE_MAX = 0x7fff };
static const u32 LINK_HEAD = 0x80000000u;

struct jit_chunk {
	u32 blocks;		/* used, atomic: release after the block is whole */
	u32 links, notes;
	u32 hot, cold;		/* bytes used */
	u32 hot_cap;		/* cold code starts here */
	u32 ready[5];		/* bytes of which the pages are there: hot, cold, blocks, links, notes */
	u32 dropped;		/* bytes of hot code of blocks that are DROPPED or ONCE */
	u32 since;		/* jit.fills when it was begun, 0 = unused */
};

enum {
	CHUNK_SHIFT_MAX = 21, CHUNK_SHIFT_MIN = 16, CHUNKS_MAX = 2048,
	WINDOW_SHIFT = 6, GRANULE_SHIFT = 16, AREA_SHIFT = 24, COUNTS = 1 << 16,
	BLOCK_BYTES_MAX = 1024,	/* guest bytes of the longest block */
	CHANGES = 1024,
};
_Static_assert(JIT_INSNS_MAX * JIT_INSN_BYTES_MAX <= BLOCK_BYTES_MAX, "a block fits");

struct jit {
	pthread_mutex_t lock;
	const struct jit_host *host;
	bool host_ready, one_insn, perf;
	bool stats;

	u8 *rw;			/* view to write; offset 0 is that of rx */
	u64 rx;			/* view to run */
	u64 size;
	u32 start;		/* bytes of trampolines at offset 0 */
	u32 chunk_shift, chunk_count;
	u32 blocks_shift, links_shift, notes_shift;	/* log2 of a chunk's share */
	u32 current;		/* chunk being filled */
	u32 fills;		/* chunks begun so far */
	bool sync_core;		/* membarrier registered */
	struct jit_chunk chunk[CHUNKS_MAX];

	struct jit_block *block;
	struct jit_link *link;
	u8 *note;
	u32 *window;
	u32 window_mask;
	u32 *granule, *area;	/* number of blocks starting there; see granule_of, area_of in blocks.c */

	u32 *active;		/* writable blocks that are LIVE: what a fence must look at */
	u32 active_count;
	u32 changes[CHANGES];	/* by page: times that code there was invalidated or flushed */
	u32 changes_all;

	struct jit_code code;	/* the translation going on */
	struct jit_stats count;
};
extern struct jit jit;

/* Ours in vcpu->accel_area, behind the back end's. */
struct jit_vcpu {
	struct ir *ir;
	u32 mode;		/* that the jump table holds */
};
struct jit_vcpu *jit_vcpu(struct vcpu *cpu);

static inline void jit_lock(void) { pthread_mutex_lock(&jit.lock); }
static inline void jit_unlock(void) { pthread_mutex_unlock(&jit.lock); }
static inline u8 *jit_rw(u32 off) { return jit.rw + off; }
static inline u64 jit_rx(u32 off) { return jit.rx + off; }
static inline u32 block_flags(const struct jit_block *b)
{
	return __atomic_load_n(&b->flags, __ATOMIC_ACQUIRE);
}
static inline void block_flags_set(struct jit_block *b, u32 flags)
{
	__atomic_store_n(&b->flags, (u8)flags, __ATOMIC_SEQ_CST);
}
static inline u32 block_index(const struct jit_block *b) { return (u32)(b - jit.block); }
static inline u32 block_chunk(u32 index) { return index >> jit.blocks_shift; }
static inline u64 block_code(const struct jit_block *b) { return jit_rx(b->hot); }

/* ---- cache.c ---- */
int cache_init(u64 size, struct error *err) MUST_CHECK;
/* Begin the first chunk; jit.start is set. */
void cache_begin(void);
/* Room for one more block in the current chunk: fills jit.code.hot, cold, first_link; under lock.  False: not enough
 * left to be worth trying, or it was just tried there. */
bool cache_room(void);
/* Go on to the next chunk: 0, or -EAGAIN when one must be given up first (cache_evict).  Under lock. */
int cache_next(void);
/* Give up one chunk.  Caller is in an exclusive section and holds the lock. */
void cache_evict(void);
u32 cache_chunk_size(void);
/* Bring in the pages of memory that is about to be written: cheaper than a fault for each. */
void cache_populate(void *p, u64 bytes);

/* ---- blocks.c ---- */
/* LIVE or STALE block at (pc, mode), NULL if there is none.  In exec() or under lock. */
struct jit_block *block_find(u64 pc, u32 mode);
/* Bytes from pc to the next block of its mode; less than that when that one lies in another window.  Likewise. */
u64 block_ahead(u64 pc, u32 mode);
/* The block that the host code at code offset off belongs to, or NULL.  Signal handlers. */
struct jit_block *block_at(u32 off);
struct jit_block *block_of_link(u32 link);
void block_insert(struct jit_block *b);		/* publish; under lock */
void block_remove(struct jit_block *b);		/* take it out of its window; under lock */
/* Call fn on each block that has bytes in [start, start + len); fn may remove it.  Under lock. */
void blocks_in(u64 start, u64 len, void (*fn)(struct jit_block *b));
void blocks_in_chunk(u32 chunk, void (*fn)(struct jit_block *b));

/* ---- link.c: all under lock ---- */
u32 link_stub(const struct jit_block *owner, u32 link);	/* code offset; no lock */
/* owner's link jumps straight to `to`; does nothing if linked already */
void link_make(const struct jit_block *owner, u32 link, struct jit_block *to);
void links_cut_in(struct jit_block *b);		/* those that jump to b go to their stubs */
void links_cut_out(struct jit_block *b);	/* b's own go to their stubs */

/* ---- notes.c ---- */
/* Bytes of notes for the translation in jit.code of b, with source (NULL or b->len bytes), written at p; at most room,
 * else 0. */
u32 notes_write(u8 *p, u32 room, const struct jit_code *code, const u8 *source, u32 len);
/* Guest offset in bytes of the instruction at host offset `at` of b's hot code, and its pending checks. */
u32 notes_find(const struct jit_block *b, u32 at, struct jit_pend *ret_pend, bool *ret_has_pend);
/* Guest pc of the instruction that the code at offset off, hot or cold, of b belongs to. */
u64 guest_pc(const struct jit_block *b, u32 off);
/* Walk all points: at = 0 first; returns false past the last. */
struct note_point { const u8 *p; u32 left; struct jit_point point; struct jit_pend pend; };
void notes_start(const struct jit_block *b, struct note_point *at);
bool notes_next(struct note_point *at);
const u8 *notes_source(const struct jit_block *b);	/* of a WRITABLE block */

/* ---- invalidate.c ---- */
/* A number that differs after code in the pages of [pc, pc + BLOCK_BYTES_MAX) was invalidated or flushed. */
u64 jit_changes(u64 pc);
void block_drop(struct jit_block *b);		/* under lock; jump tables are the caller's */
void block_activate(struct jit_block *b);	/* a WRITABLE block became LIVE; under lock */
/* Compare a STALE block with memory: true if it is LIVE now, false if it was dropped.  Owner thread of cpu, no lock. */
bool block_recheck(struct vcpu *cpu, struct jit_block *b);
void jumps_forget_all(void);			/* of every vCPU; under lock */

/* ---- translate.c ---- */
/* The block at cpu->pc for cpu->mode: 0; -EFAULT (nothing to fetch; cpu's fault fields are set);
 * -EAGAIN (code memory is full: see cache_evict).  once: one instruction, not kept.
 * Owner thread, no lock. */
int translate(struct vcpu *cpu, bool once, struct jit_block **ret);

/* ---- exec.c ---- */
int jit_start(const struct jit_host *host, const struct accel_config *cfg, struct error *err) MUST_CHECK;

/* ---- log.c, perf.c ---- */
void log_block(const struct jit_block *b, const struct ir *t);	/* -d out_asm; under lock */
void log_enter(struct vcpu *cpu, const struct jit_block *b);	/* -d exec, cpu */
int perf_init(const struct accel_config *cfg, struct error *err) MUST_CHECK;
void perf_code(u64 rx, const u8 *rw, u32 len, const char *name);	/* under lock */
void perf_block(const struct jit_block *b);
void perf_after_fork(void);

/* The host's own: time stamp counter, floating-point control that C expects. */
static inline u64 cycles(void) { return __builtin_ia32_rdtsc(); }
static inline void host_fp_default(void) { __builtin_ia32_ldmxcsr(0x1f80); }

#endif
