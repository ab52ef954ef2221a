/* RISC-V CPU models and extensions, and the -cpu text that chooses them.
 *
 * "rv64,+zba,-c,zbb=false": a model, then changes.  Models and extensions are
 * the tables below; what an extension needs is checked at the end, so order
 * does not matter.  Models are kept for ever (target.h).
 * Any thread.  Spec: RISC-V unprivileged ISA; RVA20 and RVA22 profiles.
 */
#define FEATURE 0
#include "target/riscv/riscv.h"

#include <stdio.h>
#include <stdlib.h>

struct extension {
	const char *name;
	u64 feature, needs;
	const char *help;
};

/* In the order of ISA strings. */
static const struct extension extensions[] = {
	{ "i", RV_I, 0, "base integer instructions" },
	{ "m", RV_M, 0, "multiply and divide" },
	{ "a", RV_A, 0, "atomics" },
	{ "f", RV_F, RV_ZICSR, "single-precision floating point" },
	{ "d", RV_D, RV_F, "double-precision floating point" },
	{ "c", RV_C, 0, "compressed instructions" },
	{ "zicbom", RV_ZICBOM, 0, "cache-block management" },
	{ "zicbop", RV_ZICBOP, 0, "cache-block prefetch" },
	{ "zicboz", RV_ZICBOZ, 0, "cache-block zero" },
	{ "zicntr", RV_ZICNTR, RV_ZICSR, "counters: cycle, time, instret" },
	{ "zicond", RV_ZICOND, 0, "conditional zero" },
	{ "zicsr", RV_ZICSR, 0, "control and status registers" },
	{ "zifencei", RV_ZIFENCEI, 0, "instruction-fetch fence" },
	{ "zihintntl", RV_ZIHINTNTL, 0, "non-temporal locality hints" },
	{ "zihintpause", RV_ZIHINTPAUSE, 0, "pause hint" },
	{ "zawrs", RV_ZAWRS, RV_A, "wait on reservation set" },
	{ "zfhmin", RV_ZFHMIN, RV_F, "half-precision loads, stores and conversions" },
	{ "zba", RV_ZBA, 0, "address generation" },
	{ "zbb", RV_ZBB, 0, "basic bit manipulation" },
	{ "zbc", RV_ZBC, 0, "carry-less multiplication" },
	{ "zbs", RV_ZBS, 0, "single-bit instructions" },
};

enum {
	G = RV_I | RV_M | RV_A | RV_F | RV_D | RV_ZICSR | RV_ZIFENCEI,
	GC = G | RV_C,
	RVA20 = GC | RV_ZICNTR,
	RVA22 = RVA20 | RV_ZIHINTPAUSE | RV_ZBA | RV_ZBB | RV_ZBS | RV_ZICBOM | RV_ZICBOP | RV_ZICBOZ | RV_ZFHMIN,
	ALL = RVA22 | RV_ZBC | RV_ZICOND | RV_ZAWRS | RV_ZIHINTNTL,
};

static const struct {
	struct riscv_model model;
	const char *help;
} models[] = {
	{ { ALL, "rv64", NULL }, "all extensions below (default)" },
	{ { ALL, "max", NULL }, "the same" },
	{ { RV_I, "rv64i", NULL }, "the base alone" },
	{ { RVA20, "rva20u64", NULL }, "the RVA20U64 profile" },
	{ { RVA22, "rva22u64", NULL }, "the RVA22U64 profile" },
	{ { RVA20, "sifive-u54", NULL }, "RV64GC as in SiFive's U54" },
};

void riscv_isa_string(const struct riscv_model *m, struct str *s)
{
	str_puts(s, "rv64");
	for (u32 i = 0; i < ARRAY_SIZE(extensions); i++) {
		const struct extension *e = &extensions[i];

		if (m->features & e->feature)
			str_add(s, "%s%s", e->name[1] ? "_" : "", e->name);
	}
}

static void list_extensions(struct str *s)
{
	for (u32 i = 0; i < ARRAY_SIZE(extensions); i++)
		str_add(s, " %s", extensions[i].name);
}

/* The mask that a name in a -cpu text stands for, 0: unknown. */
static u64 features_named(const char *name, u64 *ret_needs)
{
	*ret_needs = 0;
	if (!strcmp(name, "g"))
		return G;
	for (u32 i = 0; i < ARRAY_SIZE(extensions); i++) {
		if (!strcmp(name, extensions[i].name)) {
			*ret_needs = extensions[i].needs;
			return extensions[i].feature;
		}
	}
	return 0;
}

static int unknown(struct error *err, const char *name)
{
	char buf[400];
	struct str s = STR(buf);

	list_extensions(&s);
	return fail(err, EINVAL, "CPU extension '%s' is not known; there are: g%s", name, buf);
}

/* One item: "+zba", "-zba", "zba=on|true|off|false".  Changes item. */
static int apply(char *item, u64 *features, struct error *err)
{
	char *name = item, *value;
	u64 feature, needs;
	bool on = true;

	if (*item == '+' || *item == '-') {
		on = *item == '+';
		name = item + 1;
	} else {
		value = strchr(item, '=');
		if (value)
			*value++ = 0;
		feature = features_named(name, &needs);
		if (!feature)
			return unknown(err, name);
		if (!value)
			return fail(err, EINVAL, "CPU extension '%s' needs a value: +%s, -%s, %s=true or %s=false",
				    name, name, name, name, name);
		if (!strcmp(value, "true") || !strcmp(value, "on") || !strcmp(value, "yes"))
			on = true;
		else if (!strcmp(value, "false") || !strcmp(value, "off") || !strcmp(value, "no"))
			on = false;
		else
			return fail(err, EINVAL, "CPU extension '%s' is true or false, not '%s'", name, value);
	}
	feature = features_named(name, &needs);
	if (!feature)
		return unknown(err, name);
	*features = on ? *features | feature : *features & ~feature;
	return 0;
}

static int check_needs(u64 features, const char *text, struct error *err)
{
	if (!(features & RV_I))
		return fail(err, EINVAL, "CPU '%s': extension i cannot be left out", text);
	for (u32 i = 0; i < ARRAY_SIZE(extensions); i++) {
		const struct extension *e = &extensions[i];
		u64 missing = e->needs & ~features;

		if (!(features & e->feature) || !missing)
			continue;
		for (u32 k = 0; k < ARRAY_SIZE(extensions); k++)
			if (extensions[k].feature & missing)
				return fail(err, EINVAL, "CPU '%s': extension %s needs %s, which is off",
					    text, e->name, extensions[k].name);
	}
	return 0;
}

static int find_model(const char *name, u64 *ret_features, const char **ret_name, struct error *err)
{
	char buf[200];
	struct str s = STR(buf);

	for (u32 i = 0; i < ARRAY_SIZE(models); i++) {
		if (!strcmp(name, models[i].model.name)) {
			*ret_features = models[i].model.features;
			*ret_name = models[i].model.name;
			return 0;
		}
		str_add(&s, " %s", models[i].model.name);
	}
	return fail(err, EINVAL, "CPU model '%s' is not known; there are:%s", name, buf);
}

/* Models made, only so that each stays reachable. */
static struct riscv_model *kept;

static const struct riscv_model *keep(u64 features, const char *name)
{
	struct riscv_model *m = xnew(struct riscv_model);

	m->features = features;
	m->name = name;
	m->next = __atomic_load_n(&kept, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&kept, &m->next, m, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
	return m;
}

const void *riscv_cpu_model(const char *text, struct error *err)
{
	char *copy, *item, *rest;
	const char *name = NULL;
	u64 features = 0;
	int r;

	if (!text || !*text)
		return &models[0].model;
	copy = rest = xstrdup(text);
	item = strsep(&rest, ",");
	r = find_model(item, &features, &name, err);
	while (r >= 0 && (item = strsep(&rest, ",")))
		r = apply(item, &features, err);
	if (r >= 0)
		r = check_needs(features, text, err);
	free(copy);
	if (r < 0)
		return NULL;
	return keep(features, name);
}

void riscv_cpu_help(void)
{
	printf("CPU models:\n");
	for (u32 i = 0; i < ARRAY_SIZE(models); i++)
		printf("  %-12s %s\n", models[i].model.name, models[i].help);
	printf("Extensions, to change by +NAME, -NAME, NAME=true or NAME=false after a comma:\n");
	for (u32 i = 0; i < ARRAY_SIZE(extensions); i++)
		printf("  %-12s %s\n", extensions[i].name, extensions[i].help);
	printf("  %-12s %s\n", "g", "i, m, a, f, d, zicsr and zifencei");
}
