/* Inside of the guest's memory map: what mm.c shares with mm_*.c.  See mm.c. */
#ifndef USER_MM_H
#define USER_MM_H

#include "user/linux.h"
#include "user/mm_tree.h"

enum { GUEST_PAGE = 4096 };

struct mm_layout {
	u64 low;		/* lowest address that mm chooses by itself */
	u64 mmap_top;		/* mappings are placed below, highest first */
	u64 stack_top;
	u64 pie_base;		/* where position-independent programs go */
	u64 brk_start, brk;	/* under mm's lock */
	u32 next_tag;		/* under mm's lock */
};
extern struct mm_layout mm_layout;

void mm_lock(void);
void mm_unlock(void);

/* Is all of [va, va + len) below the end of the guest's address space? */
bool mm_in_guest(u64 va, u64 len);
/* Host protection for a guest's: never executable, what is executable can be read. */
int mm_host_prot(u32 prot);
/* Place for len bytes: at the hint if that is free; 0 if there is none.  Lock held. */
gva mm_place(gva hint, u64 len, u64 align);
/* Anything mapped in the range?  Lock held. */
bool mm_any(gva va, u64 len);
/* Was any of it executable (so that code of it may have been translated)?  Lock held. */
bool mm_any_code(gva va, u64 len);
/* Anything there that is the emulator's?  Lock held. */
bool mm_any_ours(gva va, u64 len);
/* Replace the record of a range; attr 0 with tag 0 means nothing is mapped there.  Lock held. */
void mm_record(gva va, u64 len, u32 attr, u32 tag);
void mm_forget(gva va, u64 len);
/* After a call that failed half way: forget the pages that the host no longer has.  Lock held. */
void mm_resync(gva va, u64 len);
/* Clear and set bits of attr of every area within the range.  Lock held. */
void mm_change_attr(gva va, u64 len, u32 clear, u32 set);
/* Size of the first thread's stack, in whole pages (stack.c). */
u64 stack_size(void);
/* Drop translated code; lock not held. */
void mm_drop_code(gva va, u64 len);

#endif
