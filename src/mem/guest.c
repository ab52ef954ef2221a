/* Guest memory from C in user mode: accesses that survive bad addresses.
 *
 * Each access is one instruction of assembly with an entry (its pc, where to go
 * on) in the section mimus_fixups; a fault there is found by the signal handler,
 * which moves the pc.  Bulk copies are `rep movsb`: on a fault rcx tells how much
 * is missing, and the addresses in rsi or rdi are exact.
 * Not modelled: guest addresses that wrap round 2^64; they fault.
 * Any thread whose handler is installed; no lock; the table is constant.
 */
#include "mem/guest.h"
#include <errno.h>

u64 guest_base;
u64 guest_va_end = (u64)1 << 47;
_Thread_local struct guest_fault guest_fault;

/* Both fields are distances from their own address: no relocations in a static-pie. */
struct fixup {
	i32 pc, resume;
};
extern const struct fixup __start_mimus_fixups[], __stop_mimus_fixups[];

#define FIXUP(from, to)                                                                            \
	".pushsection mimus_fixups,\"a\",@progbits\n"                                              \
	".balign 4\n"                                                                              \
	".long " from " - .\n"                                                                     \
	".long " to " - .\n"                                                                       \
	".popsection\n"

/* Out of line: say "failed" and go back behind the access. */
#define FAIL_PATH                                                                                  \
	".pushsection .text.mimus_fixup,\"ax\",@progbits\n"                                        \
	"3: movb $1, %[bad]\n"                                                                     \
	"jmp 2b\n"                                                                                 \
	".popsection\n" FIXUP("1b", "3b")

bool guest_fixup_signal(ucontext_t *uc, const siginfo_t *info)
{
	const u64 pc = (u64)uc->uc_mcontext.gregs[REG_RIP];
	const u64 error = (u64)uc->uc_mcontext.gregs[REG_ERR];

	for (const struct fixup *f = __start_mimus_fixups; f < __stop_mimus_fixups; f++) {
		if ((uintptr_t)&f->pc + (u64)(i64)f->pc != pc)
			continue;
		guest_fault.addr = (u64)uc->uc_mcontext.gregs[REG_CR2] - guest_base;
		guest_fault.signal = info ? info->si_signo : SIGSEGV;
		guest_fault.code = info ? info->si_code : (error & 1) ? SEGV_ACCERR : SEGV_MAPERR;
		guest_fault.write = error & 2;
		uc->uc_mcontext.gregs[REG_RIP] = (greg_t)((uintptr_t)&f->resume + (u64)(i64)f->resume);
		return true;
	}
	return false;
}

bool guest_fixup(ucontext_t *uc)
{
	return guest_fixup_signal(uc, NULL);
}

static bool in_range(gva va, u64 len, bool write)
{
	if (likely(len <= guest_va_end && va <= guest_va_end - len))
		return true;
	guest_fault.addr = max_u64(va, guest_va_end);
	guest_fault.signal = SIGSEGV;
	guest_fault.code = SEGV_MAPERR;
	guest_fault.write = write;
	return false;
}

/* Bytes that could not be copied. */
static u64 copy(void *dst, const void *src, u64 len)
{
	__asm__ volatile("1: rep movsb\n2:\n" FIXUP("1b", "2b")
			 : "+D"(dst), "+S"(src), "+c"(len)
			 :
			 : "memory", "cc");
	return len;
}

int guest_read(void *dst, gva src, u64 len)
{
	if (!in_range(src, len, false))
		return -EFAULT;
	return copy(dst, guest_ptr(src), len) ? -EFAULT : 0;
}

int guest_write(gva dst, const void *src, u64 len)
{
	if (!in_range(dst, len, true))
		return -EFAULT;
	return copy(guest_ptr(dst), src, len) ? -EFAULT : 0;
}

int guest_set(gva dst, u8 byte, u64 len)
{
	void *to = guest_ptr(dst);

	if (!in_range(dst, len, true))
		return -EFAULT;
	__asm__ volatile("1: rep stosb\n2:\n" FIXUP("1b", "2b")
			 : "+D"(to), "+c"(len)
			 : "a"(byte)
			 : "memory", "cc");
	return len ? -EFAULT : 0;
}

#define LOAD(insn, reg)                                                                            \
	__asm__ volatile("1: " insn " (%[p]), " reg "\n2:\n" FAIL_PATH                             \
			 : [v] "=&r"(v), [bad] "+q"(bad)                                           \
			 : [p] "r"(p)                                                              \
			 : "memory")

bool guest_load(gva va, u32 log2, u64 *ret_v)
{
	const void *p = guest_ptr(va);
	u64 v = 0;
	u8 bad = 0;

	debug_assert(log2 <= 3);
	if (!in_range(va, (u64)1 << log2, false))
		return false;
	switch (log2) {
	case 0:		LOAD("movzbl", "%k[v]"); break;
	case 1:		LOAD("movzwl", "%k[v]"); break;
	case 2:		LOAD("movl", "%k[v]"); break;
	default:	LOAD("movq", "%[v]"); break;
	}
	if (bad)
		return false;
	*ret_v = v;
	return true;
}

#define STORE(insn, reg)                                                                           \
	__asm__ volatile("1: " insn " " reg ", (%[p])\n2:\n" FAIL_PATH                             \
			 : [bad] "+q"(bad)                                                         \
			 : [p] "r"(p), [v] "r"(v)                                                  \
			 : "memory")

bool guest_store(gva va, u32 log2, u64 v)
{
	void *p = guest_ptr(va);
	u8 bad = 0;

	debug_assert(log2 <= 3);
	if (!in_range(va, (u64)1 << log2, true))
		return false;
	switch (log2) {
	case 0:		STORE("movb", "%b[v]"); break;
	case 1:		STORE("movw", "%w[v]"); break;
	case 2:		STORE("movl", "%k[v]"); break;
	default:	STORE("movq", "%[v]"); break;
	}
	return !bad;
}

#define CAS(insn, reg)                                                                             \
	__asm__ volatile("1: lock " insn " " reg ", (%[p])\n2:\n" FAIL_PATH                        \
			 : [bad] "+q"(bad), "+a"(expected)                                         \
			 : [p] "r"(p), [v] "r"(v)                                                  \
			 : "memory", "cc")

bool guest_cas(gva va, u32 log2, u64 expected, u64 v, u64 *ret_old)
{
	void *p = guest_ptr(va);
	u8 bad = 0;

	debug_assert(log2 <= 3);
	if (!in_range(va, (u64)1 << log2, true))
		return false;
	expected &= ~0ull >> (64 - (8u << log2));
	switch (log2) {
	case 0:		CAS("cmpxchgb", "%b[v]"); break;
	case 1:		CAS("cmpxchgw", "%w[v]"); break;
	case 2:		CAS("cmpxchgl", "%k[v]"); break;
	default:	CAS("cmpxchgq", "%[v]"); break;
	}
	expected &= ~0ull >> (64 - (8u << log2));
	if (bad)
		return false;
	*ret_old = expected;
	return true;
}

bool guest_load16(gva va, u64 ret_v[2])
{
	const void *p = guest_ptr(va);
	u8 bad = 0;

	if (!in_range(va, 16, false))
		return false;
	__asm__ volatile("1: movdqu (%[p]), %%xmm0\n movdqu %%xmm0, %[v]\n2:\n" FAIL_PATH
			 : [v] "=m"(*(u64(*)[2])ret_v), [bad] "+q"(bad)
			 : [p] "r"(p)
			 : "memory", "xmm0");
	return !bad;
}

bool guest_store16(gva va, const u64 v[2])
{
	void *p = guest_ptr(va);
	u8 bad = 0;

	if (!in_range(va, 16, true))
		return false;
	__asm__ volatile("movdqu %[v], %%xmm0\n1: movdqu %%xmm0, (%[p])\n2:\n" FAIL_PATH
			 : [bad] "+q"(bad)
			 : [p] "r"(p), [v] "m"(*(const u64(*)[2])v)
			 : "memory", "xmm0");
	return !bad;
}

bool guest_cas16(gva va, const u64 expected[2], const u64 v[2], u64 ret_old[2])
{
	u64 low = expected[0], high = expected[1];
	void *p = guest_ptr(va);
	u8 bad = 0;

	assert(!((uintptr_t)p & 15));
	if (!in_range(va, 16, true))
		return false;
	__asm__ volatile("1: lock cmpxchg16b (%[p])\n2:\n" FAIL_PATH
			 : [bad] "+m"(bad), "+a"(low), "+d"(high)
			 : [p] "r"(p), "b"(v[0]), "c"(v[1])
			 : "memory", "cc");
	ret_old[0] = low;
	ret_old[1] = high;
	return !bad;
}

/* The NUL in eight bytes: bit 7 of the first zero byte (of others maybe too, above it). */
static u64 zero_bytes(u64 v)
{
	return (v - 0x0101010101010101u) & ~v & 0x8080808080808080u;
}

i64 guest_read_string(char *dst, gva src, u64 size)
{
	u64 n = 0;

	/* Aligned words never cross into a page that the string does not reach. */
	while (n < size) {
		u32 skip = (u32)((src + n) & 7), have = 8 - skip;
		u64 word, zero;

		if (!in_range(src + n, 1, false) || !guest_load(src + n - skip, 3, &word))
			return -EFAULT;
		word >>= skip * 8;
		zero = zero_bytes(word);
		if (zero && (u32)__builtin_ctzll(zero) / 8 < have)
			have = (u32)__builtin_ctzll(zero) / 8;
		else
			zero = 0;
		if (have >= size - n)
			break;
		memcpy(dst + n, &word, have);
		n += have;
		if (zero) {
			dst[n] = 0;
			return (i64)n;
		}
	}
	return -ENAMETOOLONG;
}
