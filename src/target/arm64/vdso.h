/* The vDSO's image.  Private to target/arm64. */
#ifndef TARGET_ARM64_VDSO_H
#define TARGET_ARM64_VDSO_H

#include "base/base.h"

/* An ELF shared object of ARM64_VDSO_BYTES; the code of __kernel_rt_sigreturn is at ARM64_VDSO_SIGRETURN. */
struct arm64_vdso;
extern const struct arm64_vdso arm64_vdso;
enum { ARM64_VDSO_BYTES = 736, ARM64_VDSO_SIGRETURN = 692 };

#endif
