/* Direct jumps between blocks: unlinked they go to a stub, which comes back to
 * C with the link's number; linked they go straight to the other block's code.
 *
 * An exit at which the guest's flags are still in the host's has two jumps: the
 * first goes straight to a block that overwrites the flags, else to code that
 * stores them, which ends with the second.
 *
 * Each block has a list of the links that jump to it, so that it can be cut
 * off.  Both blocks of a link have the same mode, because mode is constant
 * across direct exits.
 * Thread: jit.lock; the patch is one aligned store, other vCPUs may be running
 * the jump.
 */
#include "jit/core.h"

static u32 place(const struct jit_block *b, u16 at)
{
	return (at & SITE_COLD ? b->cold : b->hot) + (at & ~SITE_COLD);
}

u32 link_stub(const struct jit_block *owner, u32 link)
{
	return place(owner, jit.link[link].stub);
}

static void patch(const struct jit_block *owner, u16 at, u64 to)
{
	u32 site = place(owner, at);

	jit.host->patch(jit_rw(site), jit_rx(site), to);
}

/* Each jump of the link goes to its stub. */
static void unpatch(const struct jit_block *owner, const struct jit_link *l)
{
	if (l->flags_site)
		patch(owner, l->flags_site, jit_rx(place(owner, l->flags_stub)));
	patch(owner, l->site, jit_rx(place(owner, l->stub)));
}

void link_make(const struct jit_block *owner, u32 link, struct jit_block *to)
{
	struct jit_link *l = &jit.link[link];

	debug_assert(owner->pc + (u64)(i64)l->target == to->pc && owner->mode == to->mode);
	if (l->prev || (block_flags(owner) | block_flags(to)) & (BLOCK_DROPPED | BLOCK_STALE | BLOCK_ONCE))
		return;
	l->prev = LINK_HEAD + block_index(to);
	l->next = to->incoming;
	if (l->next)
		jit.link[l->next].prev = link;
	to->incoming = link;
	jit.count.links++;
	patch(owner, l->flags_site && !(block_flags(to) & BLOCK_NEW_FLAGS) ? l->flags_site : l->site, block_code(to));
}

static void take_off_list(struct jit_link *l)
{
	if (l->next)
		jit.link[l->next].prev = l->prev;
	if (l->prev & LINK_HEAD)
		jit.block[l->prev & ~LINK_HEAD].incoming = l->next;
	else
		jit.link[l->prev].next = l->next;
	l->prev = l->next = 0;
}

void links_cut_in(struct jit_block *b)
{
	while (b->incoming) {
		struct jit_block *owner = block_of_link(b->incoming);
		struct jit_link *l = &jit.link[b->incoming];

		take_off_list(l);
		unpatch(owner, l);
	}
}

void links_cut_out(struct jit_block *b)
{
	for (u32 i = 0; i < b->link_count; i++) {
		struct jit_link *l = &jit.link[b->links + i];

		if (!l->prev)
			continue;
		take_off_list(l);
		unpatch(b, l);
	}
}
