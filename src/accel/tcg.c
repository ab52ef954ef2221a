/* The accelerator "tcg": guest code is translated to host code (jit/).
 *
 * The name is QEMU's, for the command lines that use it.
 */
#include "cpu/accel.h"
#include "cpu/cpu.h"
#include "jit/jit.h"

ACCEL_RECORD(tcg) = {
	.name = "tcg",
	.help = "translate guest code to host code",
	.vcpu_area = JIT_VCPU_AREA,
	.init = jit_init,
	.create_vcpu = cpu_own_vcpu,
	.vcpu_init = jit_vcpu_init,
	.vcpu_done = jit_vcpu_done,
	.exec = jit_exec,
	.invalidate = jit_invalidate,
	.flush_code = jit_flush_code,
	.fault = jit_fault,
	.owns_pc = jit_owns_pc,
	.fork_prepare = jit_fork_prepare,
	.fork_parent = jit_fork_parent,
	.fork_child = jit_fork_child,
	.report = jit_report,
};
