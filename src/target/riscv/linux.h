/* What a program on Linux can ask about a RISC-V processor.  Private to target/riscv. */
#ifndef TARGET_RISCV_LINUX_H
#define TARGET_RISCV_LINUX_H

#include "target/riscv/riscv.h"

/* riscv_hwprobe(2) with its five arguments: 0 or -errno. */
i64 riscv_hwprobe(const struct riscv_model *model, const u64 args[5]);
/* /proc/cpuinfo for n processors of a struct riscv_model; caller frees. */
char *riscv_cpuinfo(const void *cpu_model, u32 n);

#endif
