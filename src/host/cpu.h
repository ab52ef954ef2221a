/* What the host processor and kernel can do.
 *
 * Interface: asked once at start; any thread; nothing is kept.
 */
#ifndef HOST_CPU_H
#define HOST_CPU_H

#include "base/error.h"

/* The x86-64 level (System V ABI) that the host reaches: 1 to 4.  4 has
 * AVX-512 F, BW, CD, DQ and VL.  MIMUS_HOST=v3 in the environment lowers it,
 * so that the same host code can be made everywhere. */
u32 host_cpu_level(void);

/* Fails, naming what is missing, on a host that cannot run Mimus at all. */
int host_check(struct error *err) MUST_CHECK;

#endif
