/* CPUs as objects: what -cpu names, sets and lists.
 *
 * Interface:
 * - The abstract type "cpu" has the common class; below it each guest family has
 *   one abstract type (target->cpu_type, "riscv-cpu") whose class_init fills the
 *   class and whose properties are the extensions; below that is one type a
 *   model, "rv64-riscv-cpu", whose class_init says which extensions it has.
 * - Life: cpu_new makes one from a -cpu text, object_set may still change it,
 *   the accelerator is put in, object_realize fixes `model` and makes the first
 *   vCPU by asking the accelerator; class->reset sets that vCPU's registers.
 * - One CPU may have many vCPUs, all alike: a user-mode process has one CPU, its
 *   threads' vCPUs come from cpu_create_vcpu.  It outlives its vCPUs.
 * - Main thread; a realized one is read, and cpu_create_vcpu called, by any.
 */
#ifndef CPU_CPU_H
#define CPU_CPU_H

#include "obj/object.h"

struct accel;
struct cpu;
struct target;
struct vcpu;

enum { CPU_MODEL_NAME_MAX = 64 };

struct cpu_class {
	struct class class;
	const struct target *target;
	/* The properties as target's functions want them (vcpu->cpu_model), part of the object; NULL and
	 * err when they do not go together. */
	const void *(*model)(struct cpu *cpu, struct error *err);
};

struct cpu {
	struct object object;
	const struct accel *accel;	/* in force; set before realize */
	const void *model;		/* from realize on */
	struct vcpu *vcpu;		/* the first; owned from realize until cpu_take_vcpu */
};

static inline const struct cpu_class *cpu_class(const struct cpu *cpu)
{
	return (const struct cpu_class *)cpu->object.class;
}

/* A CPU of target from a -cpu text: MODEL, then ,+PROP ,-PROP ,PROP=VALUE in any number; NULL or "" is
 * the default model.  Caller frees the object. */
int cpu_new(const struct target *target, const char *text, struct cpu **ret_cpu, struct error *err) MUST_CHECK;

/* True when t is a model of target: adds to s the name that -cpu takes. */
bool cpu_type_model(const struct target *target, const struct type *t, struct str *s);

/* cpu_class(cpu)->model(): for those that translate or disassemble without a vCPU. */
const void *cpu_model(struct cpu *cpu, struct error *err);

/* One more vCPU, off the list, its registers reset; the caller owns it.  Any thread. */
int cpu_create_vcpu(const struct cpu *cpu, struct vcpu **ret_vcpu, struct error *err) MUST_CHECK;

/* accel->create_vcpu of accelerators whose exec() runs guest code in this process: vcpu_new. */
int cpu_own_vcpu(const struct cpu *cpu, struct vcpu **ret_vcpu, struct error *err) MUST_CHECK;

/* The first vCPU, the caller's from now on. */
struct vcpu *cpu_take_vcpu(struct cpu *cpu);

#endif
