/* What each guest's architecture fixes about floating point, as data.
 *
 * Constant: no lock.  Not here: what a guest's control register chooses
 * (struct fp_status).
 *
 * Spec: RISC-V unprivileged ISA ch. "F" (NaN Generation, Single-Precision
 * Conversion); Arm ARM DDI 0487 FPProcessNaNs, FPMulAdd, FPRoundBase,
 * FPToFixed; Intel SDM vol. 1 ch. 4.8.3.5, 4.9.1.5, 11.5.2, 14.5, with DE, min
 * and fma orders as measured on hardware.
 */
#include "fp/fp.h"

const struct fp_rules fp_rules_riscv = {
	.nan_rule = FP_NAN_DEFAULT,
	.fma_inf_zero = FP_INF_ZERO_DEFAULT_NV,
	.min_rule = FP_MIN_NUMBER_2019,
	.min_alt_rule = FP_MIN_PROPAGATE,
	.int_rule = FP_INT_NAN_MAX,
	.denormal_rule = FP_DENORMAL_SILENT,
};

const struct fp_rules fp_rules_arm = {
	.nan_rule = FP_NAN_SIGNALLING_FIRST,
	.tiny_before_rounding = true,
	.fma_addend_first = true,
	.fma_negates_nan = true,
	.fma_inf_zero = FP_INF_ZERO_DEFAULT_NV,
	.min_rule = FP_MIN_PROPAGATE,
	.min_alt_rule = FP_MIN_NUMBER_2008,
	.int_rule = FP_INT_NAN_ZERO,
	.denormal_rule = FP_DENORMAL_FLUSHED,
};

const struct fp_rules fp_rules_x86 = {
	.nan_rule = FP_NAN_FIRST,
	.default_nan_negative = true,
	.flush_sets_inexact = true,
	.fma_inf_zero = FP_INF_ZERO_QNAN,
	.min_rule = FP_MIN_SECOND,
	.min_alt_rule = FP_MIN_SECOND,
	.int_rule = FP_INT_INDEFINITE,
	.denormal_rule = FP_DENORMAL_USED,
};
