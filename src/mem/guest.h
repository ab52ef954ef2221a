/* Guest memory from C in user mode: copies that survive bad addresses.
 *
 * A guest address va is the host address guest_base + va.  Each access below is
 * one instruction with a fix-up entry: when it faults, the SIGSEGV/SIGBUS handler
 * calls guest_fixup(), which moves the pc to the failure path.  Sizes 1, 2, 4, 8
 * are single host accesses (atomic as the guest expects).
 * Any thread that has the handler installed; no lock.
 */
#ifndef MEM_GUEST_H
#define MEM_GUEST_H

#include "base/base.h"
#include <signal.h>
#include <ucontext.h>

extern u64 guest_base;		/* constant after start */
extern u64 guest_va_end;	/* first address past the guest's address space: everything at or past it faults */

static inline void *guest_ptr(gva va) { return (void *)(uintptr_t)(guest_base + va); }

/* 0 or -EFAULT.  On failure a prefix may have been copied. */
int guest_read(void *dst, gva src, u64 len) __attribute__((warn_unused_result));
int guest_write(gva dst, const void *src, u64 len) __attribute__((warn_unused_result));
int guest_set(gva dst, u8 byte, u64 len) __attribute__((warn_unused_result));
/* Copy a NUL-ended string of at most size-1 bytes: its length, -EFAULT, or -ENAMETOOLONG. */
i64 guest_read_string(char *dst, gva src, u64 size);

/* One access of 1 << log2 bytes, host byte order: false on a fault. */
bool guest_load(gva va, u32 log2, u64 *ret_v);
bool guest_store(gva va, u32 log2, u64 v);
/* Atomic compare and swap of 1, 2, 4 or 8 bytes: false on a fault; *ret_old is what was there. */
bool guest_cas(gva va, u32 log2, u64 expected, u64 v, u64 *ret_old);
/* 16 bytes, low half first.  Loads and stores are one access (atomic when aligned, on processors with AVX). */
bool guest_load16(gva va, u64 ret_v[2]);
bool guest_store16(gva va, const u64 v[2]);
/* Atomic compare and swap of 16 bytes, which the caller has found to be aligned. */
bool guest_cas16(gva va, const u64 expected[2], const u64 v[2], u64 ret_old[2]);

/* In the handler: if the context's pc is one of these accesses, make it continue at its failure path and fill
 * guest_fault.  The first form knows no siginfo: it takes the address from the context and calls a SIGBUS a SIGSEGV. */
bool guest_fixup(ucontext_t *uc);
bool guest_fixup_signal(ucontext_t *uc, const siginfo_t *info);

/* Why the calling thread's last failed access failed; kept until the next failure. */
struct guest_fault {
	gva addr;		/* guest address of the byte that could not be had */
	int signal, code;	/* SIGSEGV or SIGBUS; SEGV_MAPERR, SEGV_ACCERR, BUS_ADRERR... */
	bool write;
};
extern _Thread_local struct guest_fault guest_fault;

#endif
