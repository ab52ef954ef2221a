/* RISC-V waiting: wait on reservation set (Zawrs 1.0) and the pause hint (Zihintpause 2.0).
 *
 * A wait may end for any reason: ours gives the host CPU to another thread once
 * and ends.  pause does nothing; a spinning guest thread is preempted as on hardware.
 */
#define FEATURE RV_ZAWRS
#include "target/riscv/riscv.h"

#include <sched.h>

HELPER(riscv_wait, HELPER_PURE)
{
	sched_yield();
	return 0;
}

/* clang-format off */
INSN(wrs_nto, "000000001101 00000 000 00000 1110011", NULL, "")	{ ir_call(t, &helper_riscv_wait, IR_I64, 0, 0, 0); }
INSN(wrs_sto, "000000011101 00000 000 00000 1110011", NULL, "")	{ ir_call(t, &helper_riscv_wait, IR_I64, 0, 0, 0); }

#undef FEATURE
#define FEATURE RV_ZIHINTPAUSE
INSN(pause,   "000000010000 00000 000 00000 0001111", NULL, "")	{ }
