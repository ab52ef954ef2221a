/* siginfo_t between host and guest.
 *
 * The layout is Linux's generic one; a 64-bit guest's is the host's, byte for byte (structs.tsv),
 * so what the kernel made is passed as it is.
 *
 * Not modelled: 32-bit and big-endian guests' layouts (siginfo_to_guest asserts a 64-bit guest;
 * none other exists yet). Pure functions, any thread, signal handlers too. Spec: sigaction(2);
 * include/uapi/asm-generic/siginfo.h.
 *
 */
#include "user/signal.h"
#include <elf.h>

enum { OFF_SIGNO = 0, OFF_CODE = 8, OFF_ADDR = 16 };

_Static_assert(sizeof(siginfo_t) == sizeof(struct linux_siginfo), "the host's is the generic one");
_Static_assert(offsetof(siginfo_t, si_addr) == OFF_ADDR, "64-bit union");

void siginfo_to_guest(const siginfo_t *host, struct linux_siginfo *ret_guest)
{
	assert(process.target->elf_class == ELFCLASS64 && process.target->elf_data == ELFDATA2LSB);
	memcpy(ret_guest, host, sizeof *ret_guest);
}

void siginfo_to_host(const struct linux_siginfo *guest, siginfo_t *ret_host)
{
	assert(process.target->elf_class == ELFCLASS64 && process.target->elf_data == ELFDATA2LSB);
	memcpy(ret_host, guest, sizeof *ret_host);
}

void siginfo_fault(struct linux_siginfo *info, int sig, int code, gva addr)
{
	i32 signo = sig, si_code = code;

	memset(info, 0, sizeof *info);
	memcpy(info->bytes + OFF_SIGNO, &signo, sizeof signo);
	memcpy(info->bytes + OFF_CODE, &si_code, sizeof si_code);
	memcpy(info->bytes + OFF_ADDR, &addr, sizeof addr);
}
