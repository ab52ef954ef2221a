/* The vDSO's image and the signal frame that its unwind table describes.  Private to target/riscv. */
#ifndef TARGET_RISCV_VDSO_H
#define TARGET_RISCV_VDSO_H

#include "base/base.h"

/* Linux's rt_sigframe on riscv64, from the stack pointer at the handler's entry:
 *
 *      0  siginfo_t (128)
 *    128  uc_flags   136 uc_link   144 uc_stack { sp, flags, size }
 *    168  uc_sigmask (8, room for 128)
 *    304  pc, x1 ... x31
 *    560  f0 ... f31   816 fcsr   (room for 128-bit registers)
 *   1076  reserved, 0   1080 header of the first extension { magic, size }, 0 0: none
 *   1088  end
 */
enum {
	RISCV_FRAME_INFO = 0,
	RISCV_FRAME_UC = 128,
	RISCV_FRAME_REGS = 304,
	RISCV_FRAME_F = 560,
	RISCV_FRAME_BYTES = 1088,
};

/* An ELF shared object of RISCV_VDSO_BYTES; the code of __vdso_rt_sigreturn is at RISCV_VDSO_SIGRETURN. */
struct riscv_vdso;
extern const struct riscv_vdso riscv_vdso;
enum { RISCV_VDSO_BYTES = 2224, RISCV_VDSO_SIGRETURN = 1332 };

#endif
