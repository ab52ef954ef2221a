/* CPU objects: texts, realize and the accelerator's step, further vCPUs, failure of that step. */
#include "../unit.h"
#include "cpu/accel.h"
#include "cpu/cpu.h"
#include "cpu/target.h"
#include "obj/module.h"

struct toy {
	struct cpu cpu;
	u64 bits;
	char *word;
};

static int resets, creates;
static bool refuse;

static void toy_reset(struct vcpu *cpu)
{
	cpu->pc = 0x1234;
	resets++;
}

static int toy_create(const struct cpu *cpu, struct vcpu **ret_vcpu, struct error *err)
{
	creates++;
	if (refuse)
		return fail(err, ENXIO, "no vCPU today");
	return cpu_own_vcpu(cpu, ret_vcpu, err);
}

static const struct target target = {
	.name = "toy", .reset = toy_reset, .state_size = 8, .cpu_type = "toy-cpu", .cpu_default = "one",
};
static const struct accel accel = { .name = "toy", .create_vcpu = toy_create };

static const void *toy_model(struct cpu *cpu, struct error *err)
{
	const struct toy *t = container_of(cpu, struct toy, cpu);

	if (t->bits != 3)
		return &t->bits;
	fail(err, EINVAL, "x and y together");
	return NULL;
}

static void toy_class_init(struct class *c)
{
	struct cpu_class *k = container_of(c, struct cpu_class, class);

	k->target = &target;
	k->model = toy_model;
}

TYPE(toy) = {
	.name = "toy-cpu", .parent = "cpu", .abstract = true, .size = sizeof(struct toy),
	.class_init = toy_class_init,
	.props = PROPS(PROP_FLAG(struct toy, bits, "x", 1, "one bit"), PROP_FLAG(struct toy, bits, "y", 2, "another"),
		       PROP(struct toy, word, NULL, "text")),
};
TYPE(toy_one) = { .name = "one-toy-cpu", .parent = "toy-cpu" };
TYPE(toy_two) = { .name = "two-toy-cpu", .parent = "toy-cpu" };

static struct toy *make(const char *text)
{
	struct error err = { 0 };
	struct cpu *cpu;

	if (cpu_new(&target, text, &cpu, &err) < 0)
		print_message("%s\n", err.text);
	assert_int_equal(err.code, 0);
	cpu->accel = &accel;
	return object_cast(&cpu->object, "toy-cpu");
}

static void test_texts(void **state)
{
	struct toy *t = make("two,y=on,word=a=b,-y,+x");

	assert_string_equal(t->cpu.object.class->type->name, "two-toy-cpu");
	assert_true(t->bits == 1);
	assert_string_equal(t->word, "a=b");
	object_free(&t->cpu.object);
	t = make("");
	assert_ptr_equal(t->cpu.object.class->type, &type_toy_one);
	object_free(&t->cpu.object);
}

static void bad(const char *text, const char *says)
{
	struct error err = { 0 };
	struct cpu *cpu;

	assert_true(cpu_new(&target, text, &cpu, &err) < 0);
	assert_string_equal(err.text, says);
}

static void test_bad_texts(void **state)
{
	bad("three", "CPU model 'three' is not known; there are: one two");
	bad("toy-cpu", "CPU model 'toy-cpu' is not known; there are: one two");
	bad(",+x", "CPU model '' is not known; there are: one two");
	bad("one,z=1", "'one-toy-cpu' has no property 'z'; there are: x y word");
	bad("one,+", "'one-toy-cpu' has no property ''; there are: x y word");
	bad("one,x", "CPU property 'x' needs a value: +x, -x or x=VALUE");
	bad("one,x=", "'one-toy-cpu': property 'x': '' is not right: give on or off");
}

static void test_life(void **state)
{
	struct vcpu *first, *second = NULL;
	struct error err = { 0 };
	struct toy *t = make("one,+x");

	resets = creates = 0;
	assert_null(t->cpu.vcpu);
	assert_int_equal(object_realize(&t->cpu.object, &err), 0);
	assert_int_equal(creates, 1);
	assert_ptr_equal(t->cpu.vcpu->cpu_model, &t->bits);
	assert_ptr_equal(t->cpu.vcpu->target, &target);
	assert_ptr_equal(t->cpu.vcpu->accel, &accel);
	assert_int_equal(object_set(&t->cpu.object, "x", "off", &err), -EBUSY);
	t->cpu.vcpu->pc = 1;
	t->cpu.object.class->reset(&t->cpu.object);
	assert_int_equal(t->cpu.vcpu->pc, 0x1234);
	assert_int_equal(cpu_create_vcpu(&t->cpu, &second, &err), 0);
	assert_ptr_equal(second->cpu_model, &t->bits);
	first = cpu_take_vcpu(&t->cpu);
	assert_non_null(first);
	assert_ptr_not_equal(first, second);
	vcpu_free(first);
	vcpu_free(second);
	object_free(&t->cpu.object);	/* not what was taken */
	assert_int_equal(resets, 3);
}

static void test_failures(void **state)
{
	struct vcpu *more = NULL;
	struct error err = { 0 };
	struct toy *t = make("one,+x,+y");

	creates = 0;
	assert_int_equal(object_realize(&t->cpu.object, &err), -EINVAL);
	assert_string_equal(err.text, "x and y together");
	assert_int_equal(creates, 0);
	assert_int_equal(object_set(&t->cpu.object, "y", "off", &err), 0);
	refuse = true;
	assert_int_equal(object_realize(&t->cpu.object, &err), -ENXIO);
	assert_null(t->cpu.vcpu);
	refuse = false;
	assert_int_equal(object_realize(&t->cpu.object, &err), 0);
	refuse = true;
	assert_int_equal(cpu_create_vcpu(&t->cpu, &more, &err), -ENXIO);
	assert_null(more);
	refuse = false;
	object_free(&t->cpu.object);	/* with its vCPU */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts), cmocka_unit_test(test_bad_texts), cmocka_unit_test(test_life),
		cmocka_unit_test(test_failures),
	};

	module_call_init(MODULE_QOM);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
