/* One block: guest bytes to IR (frontend.c), IR to host code (the back end),
 * published under the lock.
 *
 * Building IR needs guest memory, whose lock comes before ours, so it is done
 * outside; what it read is used only if no code of these pages was changed in
 * between (jit_changes).  Emission is under the lock: there is one place where
 * code grows.
 *
 * A block ends where translated code begins already.  Its exits to blocks that
 * exist are linked here; the others when they are first taken (exec.c).
 *
 * Thread: the vCPU's own.
 */
#include "jit/core.h"

static u64 stop_at(void *mode, u64 pc)
{
	return block_ahead(pc, *(const u32 *)mode);
}

/* Offset of a link's site or stub in b; false when it is too far away for a u16. */
static bool place_in(const struct jit_code *code, u64 rx, u16 *ret)
{
	if (rx - code->hot.rx < code->hot.len)
		*ret = (u16)(rx - code->hot.rx);
	else if (rx - code->cold.rx < code->cold.len)
		*ret = (u16)(SITE_COLD | (rx - code->cold.rx));
	else
		return false;
	return true;
}

static void add_links(struct jit_block *b, const struct jit_code *code)
{
	b->links = code->first_link;
	b->link_count = (u8)code->link_count;
	for (u32 i = 0; i < code->link_count; i++) {
		struct jit_link *l = &jit.link[b->links + i];

		l->target = code->links[i].target;
		l->next = l->prev = 0;
		l->flags_site = l->flags_stub = 0;
		if (!place_in(code, code->links[i].site, &l->site) ||
		    !place_in(code, code->links[i].stub, &l->stub) ||
		    (code->links[i].flags_site &&
		     (!place_in(code, code->links[i].flags_site, &l->flags_site) ||
		      !place_in(code, code->links[i].flags_stub, &l->flags_stub))))
			panic("link %u of the block at 0x%llx is outside its code", i,
			      (unsigned long long)b->pc);
	}
}

static void link_to_known(struct jit_block *b)
{
	for (u32 i = 0; i < b->link_count; i++) {
		u64 pc = b->pc + (u64)(i64)jit.link[b->links + i].target;
		struct jit_block *to = block_find(pc, b->mode);

		if (to)
			link_make(b, b->links + i, to);
	}
}

/* A block too big for its tables or for 16-bit offsets, or just for what is left of this chunk? */
static int no_room(void)
{
	const struct jit_code *code = &jit.code;
	bool all = code->hot.cap == BLOCK_CODE_MAX && code->cold.cap == BLOCK_CODE_MAX;

	return all || jit.chunk[jit.current].blocks == 1 ? -E2BIG : -ENOSPC;
}

/* Take the descriptor behind the last one for what is in jit.code. */
static struct jit_block *describe(const struct ir *t, const struct jit_built *built, u32 flags,
				  u32 notes)
{
	struct jit_code *code = &jit.code;
	struct jit_chunk *c = &jit.chunk[jit.current];
	struct jit_block *b = &jit.block[(jit.current << jit.blocks_shift) + c->blocks];

	if (t->flags_in == FLAGS_IN_DEAD)
		flags |= BLOCK_NEW_FLAGS;
	*b = (struct jit_block){ .pc = t->start, .mode = t->mode, .flags = (u8)flags,
				 .hot = (u32)(code->hot.rx - jit.rx),
				 .cold = (u32)(code->cold.rx - jit.rx),
				 .notes = (jit.current << jit.notes_shift) + c->notes,
				 .len = (u16)built->len, .hot_len = (u16)code->hot.len,
				 .cold_len = (u16)code->cold.len };
	add_links(b, code);
	c->hot += code->hot.len;
	c->cold += code->cold.len;
	c->links += code->link_count;
	c->notes += notes;
	if (flags & BLOCK_ONCE)
		c->dropped += b->hot_len;
	__atomic_store_n(&c->blocks, c->blocks + 1, __ATOMIC_RELEASE);
	return b;
}

/* Host code for t in the current chunk: a block with all but its publication done; -ENOSPC, -E2BIG. */
static int emit(struct ir *t, const struct jit_built *built, u32 flags, struct jit_block **ret)
{
	struct jit_code *code = &jit.code;
	const struct jit_chunk *c = &jit.chunk[jit.current];
	u64 begin = jit.stats ? cycles() : 0;
	u32 notes;

	if (!cache_room())
		return -ENOSPC;
	code->chain = !log_enabled(LOG_NOCHAIN);
	if (jit.host->emit(t, code) < 0 || code->link_count > 255)
		return no_room();
	assert(code->hot.len <= code->hot.cap && code->cold.len <= code->cold.cap);
	notes = notes_write(jit.note + (jit.current << jit.notes_shift) + c->notes,
			    (1u << jit.notes_shift) - c->notes, code,
			    flags & BLOCK_WRITABLE ? built->bytes : NULL, built->len);
	if (!notes)
		return -ENOSPC;
	*ret = describe(t, built, flags, notes);
	jit.count.hot_bytes += code->hot.len;
	jit.count.cold_bytes += code->cold.len;
	jit.count.descriptor_bytes += sizeof **ret;
	jit.count.link_bytes += code->link_count * sizeof(struct jit_link);
	jit.count.note_bytes += notes;
	if (jit.stats)
		jit.count.emit_cycles += cycles() - begin;
	return 0;
}

static void publish(struct jit_block *b, const struct ir *t, const struct jit_built *built)
{
	jit.count.blocks++;
	jit.count.guest_insns += built->insns;
	jit.count.guest_bytes += built->len;
	if (!(block_flags(b) & BLOCK_ONCE)) {
		if (block_flags(b) & BLOCK_WRITABLE)
			block_activate(b);
		block_insert(b);
		if (jit.code.chain)
			link_to_known(b);
	}
	if (log_enabled(LOG_OUT_ASM))
		log_block(b, t);
	if (jit.perf)
		perf_block(b);
}

/* After emit said r: 0 to try again with *max instructions, or -EAGAIN. */
static int more_room(int r, u32 insns, u32 *max)
{
	if (r == -ENOSPC)
		return cache_next();
	if (insns == 1)
		panic("the host code of one guest instruction is too long");
	*max = insns / 2;
	return 0;
}

/* Emit and publish what was built, if memory is still what it was built from. */
static int finish(struct vcpu *cpu, struct jit_built *built, u64 changes, bool once, u32 *max,
		  struct jit_block **ret)
{
	struct ir *t = jit_vcpu(cpu)->ir;
	u32 flags = (once ? BLOCK_ONCE : 0) | (built->writable ? BLOCK_WRITABLE : 0);
	int r;

	if (!once) {
		*ret = block_find(t->start, t->mode);
		if (*ret)
			return 0;
	}
	if (changes != jit_changes(t->start))
		return 0;
	r = emit(t, built, flags, ret);
	if (r < 0)
		return more_room(r, built->insns, max);
	publish(*ret, t, built);
	return 0;
}

int translate(struct vcpu *cpu, bool once, struct jit_block **ret)
{
	u32 max = once || jit.one_insn ? 1 : JIT_INSNS_MAX;
	u64 begin = jit.stats ? cycles() : 0;
	struct jit_built built;
	int r;

	*ret = NULL;
	do {
		u64 changes = jit_changes(cpu->pc);

		r = jit_build_ir(jit_vcpu(cpu)->ir, cpu, cpu->pc, max, once ? NULL : stop_at,
				 &cpu->mode, &built);
		if (r < 0)
			return r;
		jit_lock();
		r = finish(cpu, &built, changes, once, &max, ret);
		if (jit.stats)
			jit.count.translate_cycles += cycles() - begin;
		jit_unlock();
	} while (!r && !*ret);
	return r;
}
