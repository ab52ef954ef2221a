/* RISC-V CPU types: one per model, extensions as properties.
 *
 * "riscv-cpu" fills the class for all; a model is one RISCV_CPU line that says
 * which extensions it begins with.  The property table below is the only list of
 * extensions: -cpu, its help and errors and the ISA string go by it.  "g" is a
 * property that stands for several.  What an extension needs is checked when
 * the object is realized, so the order of changes does not matter.
 * Main thread.  Spec: RISC-V unprivileged ISA; RVA20 and RVA22 profiles.
 */
#define FEATURE 0
#include "target/riscv/riscv.h"
#include "cpu/cpu.h"

struct riscv_cpu_class {
	struct cpu_class cpu;
	u64 features;			/* of a new object */
};

struct riscv_cpu {
	struct cpu cpu;
	struct riscv_model model;
};

enum {
	G = RV_I | RV_M | RV_A | RV_F | RV_D | RV_ZICSR | RV_ZIFENCEI,
	GC = G | RV_C,
	RVA20 = GC | RV_ZICNTR,
	RVA22 = RVA20 | RV_ZIHINTPAUSE | RV_ZBA | RV_ZBB | RV_ZBS | RV_ZICBOM | RV_ZICBOP | RV_ZICBOZ | RV_ZFHMIN,
	ALL = RVA22 | RV_ZBC | RV_ZICOND | RV_ZAWRS | RV_ZIHINTNTL,
};

#define EXT(name, bits, help) PROP_FLAG(struct riscv_cpu, model.features, name, bits, help)

/* g, then in the order of ISA strings. */
static const struct prop extensions[] = {
	EXT("g", G, "i, m, a, f, d, zicsr and zifencei"),
	EXT("i", RV_I, "base integer instructions"),
	EXT("m", RV_M, "multiply and divide"),
	EXT("a", RV_A, "atomics"),
	EXT("f", RV_F, "single-precision floating point"),
	EXT("d", RV_D, "double-precision floating point"),
	EXT("c", RV_C, "compressed instructions"),
	EXT("zicbom", RV_ZICBOM, "cache-block management"),
	EXT("zicbop", RV_ZICBOP, "cache-block prefetch"),
	EXT("zicboz", RV_ZICBOZ, "cache-block zero"),
	EXT("zicntr", RV_ZICNTR, "counters: cycle, time, instret"),
	EXT("zicond", RV_ZICOND, "conditional zero"),
	EXT("zicsr", RV_ZICSR, "control and status registers"),
	EXT("zifencei", RV_ZIFENCEI, "instruction-fetch fence"),
	EXT("zihintntl", RV_ZIHINTNTL, "non-temporal locality hints"),
	EXT("zihintpause", RV_ZIHINTPAUSE, "pause hint"),
	EXT("zawrs", RV_ZAWRS, "wait on reservation set"),
	EXT("zfhmin", RV_ZFHMIN, "half-precision loads, stores and conversions"),
	EXT("zba", RV_ZBA, "address generation"),
	EXT("zbb", RV_ZBB, "basic bit manipulation"),
	EXT("zbc", RV_ZBC, "carry-less multiplication"),
	EXT("zbs", RV_ZBS, "single-bit instructions"),
	{ 0 }
};

static const struct {
	u64 feature, needs;
} rules[] = {
	{ RV_F, RV_ZICSR },
	{ RV_D, RV_F },
	{ RV_ZICNTR, RV_ZICSR },
	{ RV_ZAWRS, RV_A },
	{ RV_ZFHMIN, RV_F },
};

static bool is_group(const struct prop *e)
{
	return (e->number & (e->number - 1)) != 0;
}

static const char *name_of(u64 feature)
{
	const struct prop *e = extensions;

	while (e->number != feature)
		e++;
	return e->name;
}

void riscv_isa_string(const struct riscv_model *m, struct str *s)
{
	str_puts(s, "rv64");
	for (const struct prop *e = extensions; e->name; e++)
		if (!is_group(e) && m->features & e->number)
			str_add(s, "%s%s", e->name[1] ? "_" : "", e->name);
}

/* ---- the common class ---- */

static const void *riscv_model(struct cpu *cpu, struct error *err)
{
	const struct riscv_model *m = &container_of(cpu, struct riscv_cpu, cpu)->model;
	const char *name = cpu->object.class->type->name;

	if (!(m->features & RV_I)) {
		fail(err, EINVAL, "'%s': extension i cannot be left out", name);
		return NULL;
	}
	for (u32 i = 0; i < ARRAY_SIZE(rules); i++) {
		if (!(m->features & rules[i].feature) || !(rules[i].needs & ~m->features))
			continue;
		fail(err, EINVAL, "'%s': extension %s needs %s, which is off", name,
		     name_of(rules[i].feature), name_of(rules[i].needs));
		return NULL;
	}
	return m;
}

static struct riscv_cpu_class *riscv_class(struct class *c)
{
	return container_of(c, struct riscv_cpu_class, cpu.class);
}

static void riscv_class_init(struct class *c)
{
	struct riscv_cpu_class *k = riscv_class(c);

	k->cpu.target = &target_riscv64;
	k->cpu.model = riscv_model;
}

static void riscv_init(struct object *o)
{
	struct riscv_cpu *cpu = container_of(o, struct riscv_cpu, cpu.object);

	cpu->model.features = ((const struct riscv_cpu_class *)o->class)->features;
}

TYPE(riscv_cpu) = {
	.name = "riscv-cpu", .parent = "cpu", .abstract = true, .help = "a RISC-V processor",
	.size = sizeof(struct riscv_cpu), .class_size = sizeof(struct riscv_cpu_class),
	.class_init = riscv_class_init, .instance_init = riscv_init,
	.props = extensions,
};

/* ---- models ---- */

#define RISCV_CPU(x, model_name, extensions_on, help_text) \
	static void x##_class_init(struct class *c) { riscv_class(c)->features = (extensions_on); } \
	TYPE(riscv_##x) = { \
		.name = model_name "-riscv-cpu", .parent = "riscv-cpu", .help = help_text, \
		.class_init = x##_class_init, \
	}

RISCV_CPU(rv64, "rv64", ALL, "the same as max");
RISCV_CPU(max, "max", ALL, "all extensions that are there");
RISCV_CPU(rv64i, "rv64i", RV_I, "the base alone");
RISCV_CPU(rva20u64, "rva20u64", RVA20, "the RVA20U64 profile");
RISCV_CPU(rva22u64, "rva22u64", RVA22, "the RVA22U64 profile");
RISCV_CPU(sifive_u54, "sifive-u54", RVA20, "RV64GC as in SiFive's U54");
