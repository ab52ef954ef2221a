/* RISC-V instruction-fetch fence (Zifencei): unprivileged spec 20191213, ch. 3.
 * Translations of code written since are dropped by the run loop.  Unused
 * fields are to be ignored.
 */
#define FEATURE RV_ZIFENCEI
#include "target/riscv/riscv.h"

INSN(fence_i, "............ ..... 001 ..... 0001111", NULL, "")
{
	ir_raise(t, EXIT_FLUSH_CODE, t->next_pc);
}
