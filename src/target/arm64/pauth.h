/* AArch64 pointer authentication, for the tables and tests outside a_pauth.c. */
#ifndef TARGET_ARM64_PAUTH_H
#define TARGET_ARM64_PAUTH_H

#include "base/base.h"

struct vcpu;

/* QARMA5 (64 bits, sigma 2); key is low half, high half.  Pure. */
u64 arm64_qarma5(u64 v, u64 tweak, const u64 key[2]);
/* New random keys; -EIO when the host has no random numbers.  Owner thread, outside exec(). */
int arm64_pauth_keys(struct vcpu *cpu);

#endif
