/* Between the translator's core (blocks, look-up, links, code memory) and a
 * host back end (jit/x64): what a back end is given and what it gives back.
 *
 * A block's host code lies in two places: hot code, and cold code (stubs of
 * unlinked exits, slow paths) in another part of the same code region, so that
 * hot code stays dense.  Both are written through rw and run at rx.
 *
 * Host code commits guest registers to their homes in guest order, so at every
 * point that may fault the guest registers are in host registers (homes) or in
 * struct vcpu; a struct jit_point tells which guest instruction it is.
 */
#ifndef JIT_CODE_H
#define JIT_CODE_H

#include "cpu/vcpu.h"
#include "ir/ir.h"
#include <ucontext.h>

struct target;

/* One stretch of code memory being filled. */
struct jit_span {
	u8 *rw;			/* where to write */
	u64 rx;			/* where that byte will run */
	u32 cap, len;		/* bytes room, bytes written */
};

/* A direct exit: a jump whose rel32 at `site` goes to `stub` until it is linked to the block for start + target. */
struct jit_link_out {
	u64 site;		/* rx address of the 4-byte displacement; never crosses a 64-byte line */
	u64 stub;		/* rx address that the unlinked jump goes to */
	u64 flags_site;		/* 0, or a second rel32, in the stub behind code that stores the guest's flags:
				 * the one to link to a block that looks at them */
	u64 flags_stub;		/* where that one goes to unlinked */
	i32 target;		/* guest offset from the block's start */
};

/* A host instruction that may fault; pend: what is not yet in its place there.  Points are sorted by host: a faulting
 * pc belongs to the last point that is not past it.  Points of cold code follow those of hot code. */
struct jit_point {
	u32 host;	/* bytes from the start of the block's hot code; cold code's count from hot.len on */
	u16 guest;	/* bytes from the block's start, divided by 2 */
	u16 pend;	/* index + 1 of its struct jit_pend, 0 = all is in its place */
};
struct jit_pend {
	u16 f64, f32;		/* vector registers whose NaN results are not canonical yet */
	u8 flags;		/* back end's own: how the host's flags hold the guest's; 0 = they do not */
	bool kick;		/* no access of the guest's: an exit was requested */
};

enum { JIT_LINKS_MAX = 256, JIT_POINTS_MAX = 1024, JIT_PENDS_MAX = 256 };

/* Room and results of one translation; reused. */
struct jit_code {
	struct jit_span hot, cold;	/* in; len out */
	bool chain;			/* core's own: link what can be linked */
	u32 first_link;			/* core's own: number of links[0] */
	u32 link_count, point_count, pend_count;
	struct jit_link_out links[JIT_LINKS_MAX];
	struct jit_point points[JIT_POINTS_MAX];
	struct jit_pend pends[JIT_PENDS_MAX];
};

/* What jit_host.enter returns. */
enum {
	JIT_EXIT_LOOKUP = 0,		/* go on at cpu->pc: not in the jump table */
	/* 1 .. EXIT_MAX-1: enum vcpu_exit, cpu->pc set: to the guest pc, or to the rx address where the cold code that
	 * left ends, of which a point tells the guest's */
	JIT_EXIT_LINK = 64,		/* this or more, an rx address: the end of the stub of the direct exit that was
					 * taken and is not linked; cpu->pc not set */
};

/* A host back end. */
struct jit_host {
	const char *name;
	/* 0, or -ENOTSUP and err when this CPU lacks what the back end needs. */
	int (*init)(const struct target *target, struct error *err);
	/* Write the entry and exit trampolines at the start of the code memory; returns bytes used. */
	u32 (*trampolines)(struct jit_span *at);
	/* Bytes of vcpu->accel_area used by the back end (starts with the jump table). */
	u32 area_size;
	void (*vcpu_init)(struct vcpu *cpu);
	/* Emit t (uses counted, verified).  0, or -ENOSPC when a span or table is full. */
	int (*emit)(struct ir *t, struct jit_code *code);
	/* Point the rel32 at rx address site (written at rw) to rx address target; atomic against running code. */
	void (*patch)(u8 *rw, u64 site, u64 target);
	/* Run from rx address code until an exit. */
	u64 (*enter)(struct vcpu *cpu, u64 code);
	/* Jump table, owner thread or under jit lock. */
	void (*jump_set)(struct vcpu *cpu, u64 pc, u64 code);
	void (*jump_clear)(struct vcpu *cpu, u64 pc);	/* any thread, under jit lock */
	void (*jump_flush)(struct vcpu *cpu);
	/* Signal handler: copy homes from the context into cpu (applying pend, which may be NULL), and make the context
	 * return from enter() with `result`. cpu->pc is set by the caller. */
	void (*unwind)(struct vcpu *cpu, ucontext_t *uc, const struct jit_pend *pend, u64 result);
	/* Disassembly aid: text description of homes for -d out_asm; may be NULL. */
	const char *(*homes)(void);
};

extern const struct jit_host jit_x64;

#endif
