/* The type "cpu": its common class, -cpu texts, and the step to a vCPU (cpu.h).
 *
 * realize asks the guest family for the model that the properties make, then
 * the accelerator in force for a vCPU that has it.  A model's type is named
 * MODEL-cpu_type, and only the first part is what users write.
 * Main thread, but for cpu_create_vcpu and cpu_own_vcpu, which only read.
 */
#include "cpu/cpu.h"
#include "cpu/accel.h"
#include "cpu/target.h"
#include <stdlib.h>

/* ---- life ---- */

const void *cpu_model(struct cpu *cpu, struct error *err)
{
	return cpu_class(cpu)->model(cpu, err);
}

static int cpu_realize(struct object *o, struct error *err)
{
	struct cpu *cpu = object_cast(o, "cpu");

	assert(cpu->accel);
	cpu->model = cpu_model(cpu, err);
	return cpu->model ? cpu_create_vcpu(cpu, &cpu->vcpu, err) : -err->code;
}

static void cpu_unrealize(struct object *o)
{
	vcpu_free(cpu_take_vcpu(object_cast(o, "cpu")));
}

static void cpu_reset(struct object *o)
{
	struct cpu *cpu = object_cast(o, "cpu");

	assert(cpu->vcpu);
	cpu_class(cpu)->target->reset(cpu->vcpu);
}

int cpu_create_vcpu(const struct cpu *cpu, struct vcpu **ret_vcpu, struct error *err)
{
	assert(cpu->model);
	return cpu->accel->create_vcpu(cpu, ret_vcpu, err);
}

int cpu_own_vcpu(const struct cpu *cpu, struct vcpu **ret_vcpu, struct error *err)
{
	struct vcpu *vcpu = vcpu_new(cpu_class(cpu)->target, cpu->accel, cpu->model);

	if (!vcpu)
		return fail(err, ENOMEM, "no memory for a virtual CPU");
	*ret_vcpu = vcpu;
	return 0;
}

struct vcpu *cpu_take_vcpu(struct cpu *cpu)
{
	struct vcpu *vcpu = cpu->vcpu;

	cpu->vcpu = NULL;
	return vcpu;
}

static void cpu_class_init(struct class *c)
{
	c->realize = cpu_realize;
	c->unrealize = cpu_unrealize;
	c->reset = cpu_reset;
}

TYPE(cpu) = {
	.name = "cpu", .abstract = true, .help = "a processor",
	.size = sizeof(struct cpu), .class_size = sizeof(struct cpu_class),
	.class_init = cpu_class_init,
};

/* ---- -cpu texts ---- */

bool cpu_type_model(const struct target *target, const struct type *t, struct str *s)
{
	size_t len = strlen(t->name), tail = strlen(target->cpu_type) + 1;

	if (t->abstract || !type_is(t, target->cpu_type))
		return false;
	assert(len > tail && t->name[len - tail] == '-' && len - tail < CPU_MODEL_NAME_MAX);
	str_add(s, "%.*s", (int)(len - tail), t->name);
	return true;
}

static int new_of_model(const struct target *target, const char *model, struct object **ret_object,
			struct error *err)
{
	char name[CPU_MODEL_NAME_MAX], known[300];
	struct str s = STR(known);
	const struct type *t;

	for (u32 i = 0; (t = type_each(i)); i++) {
		struct str n = STR(name);

		if (!cpu_type_model(target, t, &n))
			continue;
		if (!strcmp(name, model))
			return object_new(t->name, ret_object, err);
		str_add(&s, " %s", name);
	}
	return fail(err, EINVAL, "CPU model '%s' is not known; there are:%s", model, known);
}

/* "+zba", "-zba" or "zba=on".  Changes item. */
static int apply(struct object *o, char *item, struct error *err)
{
	char *value;

	if (*item == '+' || *item == '-')
		return object_set(o, item + 1, *item == '+' ? "on" : "off", err);
	value = strchr(item, '=');
	if (!value)
		return fail(err, EINVAL, "CPU property '%s' needs a value: +%s, -%s or %s=VALUE", item, item,
			    item, item);
	*value++ = 0;
	return object_set(o, item, value, err);
}

int cpu_new(const struct target *target, const char *text, struct cpu **ret_cpu, struct error *err)
{
	char *copy, *item, *rest;
	struct object *o = NULL;
	int r;

	copy = rest = xstrdup(text && *text ? text : target->cpu_default);
	item = strsep(&rest, ",");
	r = new_of_model(target, item, &o, err);
	while (r >= 0 && (item = strsep(&rest, ",")))
		r = apply(o, item, err);
	free(copy);
	if (r < 0) {
		object_free(o);
		return r;
	}
	*ret_cpu = object_cast(o, "cpu");
	return 0;
}
