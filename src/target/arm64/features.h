/* What a CPU's features are to its ID registers and to Linux (features.c).  Private to target/arm64. */
#ifndef TARGET_ARM64_FEATURES_H
#define TARGET_ARM64_FEATURES_H

#include "target/arm64/arm64.h"

/* The ID register op0 = 3, op1 = 0, CRn = 0, CRm = index >> 3, op2 = index & 7 as Linux shows it to user programs. */
u64 arm64_id_register(const struct arm64_model *m, u32 index);

u64 arm64_hwcap(const void *cpu_model);
u64 arm64_hwcap2(const void *cpu_model);
/* Words of /proc/cpuinfo's Features line. */
void arm64_feature_names(const struct arm64_model *m, struct str *s);

#endif
