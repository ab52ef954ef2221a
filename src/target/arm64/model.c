/* AArch64 CPU types: one per model, features as properties.
 *
 * "aarch64-cpu" fills the class for all; a model is one ARM64_CPU line that says
 * which features it begins with.  The property table below is the only list of
 * features: -cpu, its help and errors go by it; HWCAPs, /proc/cpuinfo and the ID
 * registers come from the same bits (features.c).
 * Features that are not built yet are in no model, whatever the processor has:
 * MOPS.
 * Main thread.  Spec: Arm ARM DDI 0487, A2.2; the processors' reference manuals.
 */
#define FEATURE 0
#include "target/arm64/arm64.h"
#include "cpu/cpu.h"

struct arm64_cpu_class {
	struct cpu_class cpu;
	u64 features, midr;	/* of a new object */
};

struct arm64_cpu {
	struct cpu cpu;
	struct arm64_model model;
};

#define CRYPTO (ARM_AES | ARM_PMULL | ARM_SHA1 | ARM_SHA256)
#define V8_0 ARM_BASE
#define V8_1 (V8_0 | ARM_CRC32 | ARM_LSE | ARM_RDM)
#define V8_2 (V8_1 | ARM_DPB)
#define NEOVERSE_N1 (V8_2 | CRYPTO | ARM_FP16 | ARM_DOTPROD | ARM_LRCPC | ARM_SSBS)
#define ALL \
	(V8_2 | CRYPTO | ARM_SHA512 | ARM_SHA3 | ARM_FP16 | ARM_DOTPROD | ARM_JSCVT | ARM_LRCPC | ARM_LRCPC2 | \
	 ARM_FLAGM | ARM_FLAGM2 | ARM_FRINTTS | ARM_I8MM | ARM_DPB2 | ARM_BTI | ARM_RNG | ARM_SB | ARM_SSBS | \
	 ARM_WFXT | ARM_HBC | ARM_CSSC | ARM_LSE2 | ARM_DIT | ARM_FCMA | ARM_BF16 | ARM_FHM | \
	 ARM_SM3 | ARM_SM4 | ARM_PAUTH)

#define FEAT(name, bits, help) PROP_FLAG(struct arm64_cpu, model.features, name, bits, help)

static const struct prop features[] = {
	FEAT("aes", ARM_AES | ARM_PMULL, "AES and 64-bit polynomial multiply"),
	FEAT("bf16", ARM_BF16, "BFloat16 products and conversions"),
	FEAT("bti", ARM_BTI, "branch target identification (decoded, not enforced)"),
	FEAT("crc32", ARM_CRC32, "CRC-32"),
	FEAT("cssc", ARM_CSSC, "common short sequences: abs, cnt, ctz, min, max"),
	FEAT("dit", ARM_DIT, "data-independent timing bit"),
	FEAT("dotprod", ARM_DOTPROD, "dot products"),
	FEAT("dpb", ARM_DPB, "clean to the point of persistence"),
	FEAT("dpb2", ARM_DPB2, "clean to the point of deep persistence"),
	FEAT("fcma", ARM_FCMA, "complex numbers"),
	FEAT("fhm", ARM_FHM, "half-precision products added to single precision"),
	FEAT("flagm", ARM_FLAGM, "flag manipulation"),
	FEAT("flagm2", ARM_FLAGM2, "more flag manipulation"),
	FEAT("fp16", ARM_FP16, "half-precision arithmetic"),
	FEAT("frintts", ARM_FRINTTS, "rounding to 32- and 64-bit integers"),
	FEAT("hbc", ARM_HBC, "hinted conditional branches"),
	FEAT("i8mm", ARM_I8MM, "8-bit integer matrix multiply"),
	FEAT("jscvt", ARM_JSCVT, "JavaScript conversion"),
	FEAT("lrcpc", ARM_LRCPC, "load-acquire RCpc"),
	FEAT("lrcpc2", ARM_LRCPC2, "the same with offsets"),
	FEAT("lse", ARM_LSE, "atomics"),
	FEAT("lse2", ARM_LSE2, "unaligned atomicity"),
	FEAT("pauth", ARM_PAUTH, "pointer authentication"),
	{ .name = "pauth-impdef", .help = "pointer codes by a fast mix instead of QARMA5", .kind = PROP_BOOL,
	  .offset = offsetof(struct arm64_cpu, model.pauth_fast) },
	FEAT("rdm", ARM_RDM, "rounding doubling multiply-accumulate"),
	FEAT("rng", ARM_RNG, "random numbers"),
	FEAT("sb", ARM_SB, "speculation barrier"),
	FEAT("sha1", ARM_SHA1, "SHA-1"),
	FEAT("sha256", ARM_SHA256, "SHA-256"),
	FEAT("sha3", ARM_SHA3, "SHA-3"),
	FEAT("sha512", ARM_SHA512, "SHA-512"),
	FEAT("sm3", ARM_SM3, "SM3"),
	FEAT("sm4", ARM_SM4, "SM4"),
	FEAT("ssbs", ARM_SSBS, "speculative store bypass bit"),
	FEAT("wfxt", ARM_WFXT, "wait with time-out"),
	{ 0 }
};

/* ---- the common class ---- */

static const void *arm64_model(struct cpu *cpu, struct error *err UNUSED)
{
	return &container_of(cpu, struct arm64_cpu, cpu)->model;
}

static struct arm64_cpu_class *arm64_class(struct class *c)
{
	return container_of(c, struct arm64_cpu_class, cpu.class);
}

static void arm64_class_init(struct class *c)
{
	struct arm64_cpu_class *k = arm64_class(c);

	k->cpu.target = &target_aarch64;
	k->cpu.model = arm64_model;
}

static void arm64_init(struct object *o)
{
	struct arm64_cpu *cpu = container_of(o, struct arm64_cpu, cpu.object);
	const struct arm64_cpu_class *k = (const struct arm64_cpu_class *)o->class;

	cpu->model.features = k->features;
	cpu->model.midr = k->midr;
	cpu->model.pauth_fast = true;
}

TYPE(arm64_cpu) = {
	.name = "aarch64-cpu", .parent = "cpu", .abstract = true, .help = "an Arm processor",
	.size = sizeof(struct arm64_cpu), .class_size = sizeof(struct arm64_cpu_class),
	.class_init = arm64_class_init, .instance_init = arm64_init,
	.props = features,
};

/* ---- models ---- */

#define ARM64_CPU(x, model_name, features_on, midr_value, help_text) \
	static void x##_class_init(struct class *c) \
	{ \
		arm64_class(c)->features = (features_on); \
		arm64_class(c)->midr = (midr_value); \
	} \
	TYPE(arm64_##x) = { \
		.name = model_name "-aarch64-cpu", .parent = "aarch64-cpu", .help = help_text, \
		.class_init = x##_class_init, \
	}

ARM64_CPU(cortex_a53, "cortex-a53", V8_0 | ARM_CRC32 | CRYPTO, 0x410fd034, "Cortex-A53");
ARM64_CPU(cortex_a57, "cortex-a57", V8_0 | ARM_CRC32 | CRYPTO, 0x411fd070, "Cortex-A57");
ARM64_CPU(cortex_a72, "cortex-a72", V8_0 | ARM_CRC32 | CRYPTO, 0x410fd083, "Cortex-A72");
ARM64_CPU(cortex_a76, "cortex-a76", NEOVERSE_N1, 0x414fd0b1, "Cortex-A76");
ARM64_CPU(neoverse_n1, "neoverse-n1", NEOVERSE_N1, 0x414fd0c1, "Neoverse N1");
ARM64_CPU(max, "max", ALL, 0x000f0510, "all features that are there");
