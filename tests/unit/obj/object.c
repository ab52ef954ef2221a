/* Unit tests of obj/: module lists, types, classes, objects, the tree.
 *
 * The types here have the shape of CPU types: a common class_init sets the
 * table of functions, each model changes its part, realize asks an accelerator.
 */
#include "obj/module.h"
#include "obj/object.h"
#include "../unit.h"

struct cpu_class {
	struct class class;
	u32 features;
	u32 (*vendor)(void);
};

struct test_cpu {
	struct object obj;
	u32 cores;
	bool fast;
	char *label;
	i32 offset;
	u64 bits;
};

static int realized, unrealized, inits, dones;

static u32 common_vendor(void) { return 1; }
static u32 other_vendor(void) { return 2; }

static int cpu_realize(struct object *o, struct error *err)
{
	const struct test_cpu *c = object_cast(o, "test-cpu");

	if (c->cores == 0)
		return fail(err, EINVAL, "no cores");
	realized++;
	return 0;
}

static void cpu_unrealize(struct object *o)
{
	unrealized++;
}

static void common_class_init(struct class *c)
{
	struct cpu_class *k = container_of(c, struct cpu_class, class);

	c->realize = cpu_realize;
	c->unrealize = cpu_unrealize;
	k->vendor = common_vendor;
	k->features = 1;
}

static void model_class_init(struct class *c)
{
	struct cpu_class *k = container_of(c, struct cpu_class, class);

	k->features |= 2;
	k->vendor = other_vendor;
}

static void cpu_init(struct object *o)
{
	assert_int_equal(container_of(o, struct test_cpu, obj)->cores, 4);
	inits++;
}

static void cpu_done(struct object *o)
{
	dones++;
}

static bool never(void) { return false; }

TYPE(test_base) = {
	.name = "test-cpu", .abstract = true, .help = "a CPU",
	.size = sizeof(struct test_cpu), .class_size = sizeof(struct cpu_class),
	.class_init = common_class_init, .instance_init = cpu_init, .instance_done = cpu_done,
	.props = PROPS(PROP(struct test_cpu, cores, 4, "how many"),
		       PROP(struct test_cpu, fast, true, "quick or not"),
		       PROP(struct test_cpu, label, "none", "text"),
		       PROP(struct test_cpu, offset, -3, "signed"),
		       PROP_FLAG(struct test_cpu, bits, "low", 1, "bit 0"),
		       PROP_FLAG(struct test_cpu, bits, "both", 1ull << 63 | 1, "bits 0 and 63")),
};
TYPE(test_model) = {
	.name = "test-model-cpu", .parent = "test-cpu", .class_init = model_class_init,
};
TYPE(test_plain) = { .name = "test-a-cpu", .parent = "test-cpu" };
TYPE(test_never) = { .name = "test-host-cpu", .parent = "test-cpu", .available = never };
TYPE(test_bare) = { .name = "test-container" };

static char order[8];
static void note_a(void) { order[strlen(order)] = 'a'; }
static void note_b(void) { order[strlen(order)] = 'b'; }
static void note_c(void) { order[strlen(order)] = 'c'; }

MODULE(BLOCK, test_b) = { .name = "b", .init = note_b };
MODULE(BLOCK, test_a) = { .name = "a", .init = note_a };
MODULE(BLOCK, test_c) = { .name = "c", .init = note_c, .available = never };
MODULE(BLOCK, test_d) = { .name = "d" };

static void modules(void **state)
{
	memset(order, 0, sizeof order);
	module_call_init(MODULE_BLOCK);
	assert_string_equal(order, "ab");
}

static void types(void **state)
{
	const struct type *t = type_find("test-model-cpu");

	assert_ptr_equal(t, &type_test_model);
	assert_null(type_find("test-host-cpu"));
	assert_null(type_find("nosuch"));
	assert_true(type_is(t, "test-cpu"));
	assert_true(type_is(t, "test-model-cpu"));
	assert_false(type_is(t, "test-a-cpu"));
	for (u32 i = 1; type_each(i); i++)
		assert_true(strcmp(type_each(i - 1)->name, type_each(i)->name) < 0);
}

static void classes(void **state)
{
	const struct class *c = class_get(&type_test_model);
	const struct cpu_class *k = container_of(c, struct cpu_class, class);
	const struct cpu_class *plain = container_of(class_get(&type_test_plain),
						     struct cpu_class, class);

	assert_ptr_equal(c, class_get(&type_test_model));
	assert_ptr_equal(c->parent, class_get(&type_test_base));
	assert_int_equal(k->features, 3);
	assert_int_equal(k->vendor(), 2);
	assert_int_equal(plain->features, 1);
	assert_int_equal(plain->vendor(), 1);
	assert_ptr_equal(c->realize, cpu_realize);
	assert_int_equal(c->size, sizeof(struct test_cpu));
}

static void instances(void **state)
{
	struct error err = { 0 };
	struct object *o = NULL;
	char buf[100];
	struct str s = STR(buf);

	assert_int_equal(object_new("nosuch", &o, &err), -ENOENT);
	assert_int_equal(object_new("test-cpu", &o, &err), -EINVAL);
	assert_null(o);
	assert_int_equal(object_new("test-model-cpu", &o, &err), 0);
	assert_int_equal(inits, 1);
	assert_int_equal(object_get(o, "label", &s, &err), 0);
	str_putc(&s, ' ');
	assert_int_equal(object_get(o, "fast", &s, &err), 0);
	str_putc(&s, ' ');
	assert_int_equal(object_get(o, "offset", &s, &err), 0);
	assert_string_equal(buf, "none on -3");
	assert_int_equal(object_set(o, "color", "red", &err), -ENOENT);
	assert_int_equal(object_set(o, "cores", "4294967296", &err), -EINVAL);
	assert_string_equal(err.text, "'test-model-cpu': property 'cores': '4294967296' "
			    "is not right: give a number below 2^32");
	assert_int_equal(object_set(o, "offset", "-2147483648", &err), 0);
	assert_int_equal(((struct test_cpu *)object_cast(o, "test-cpu"))->offset, INT32_MIN);
	assert_int_equal(object_set(o, "offset", "2147483648", &err), -EINVAL);
	assert_int_equal(object_set(o, "fast", "maybe", &err), -EINVAL);
	assert_int_equal(object_set(o, "fast", "no", &err), 0);
	assert_int_equal(object_set(o, "label", "x", &err), 0);
	assert_int_equal(object_set(o, "cores", "0", &err), 0);
	assert_int_equal(object_realize(o, &err), -EINVAL);
	assert_false(o->realized);
	assert_int_equal(object_set(o, "cores", "0x10", &err), 0);
	assert_int_equal(object_realize(o, &err), 0);
	assert_int_equal(realized, 1);
	assert_int_equal(object_set(o, "cores", "3", &err), -EBUSY);
	object_free(o);
	assert_int_equal(unrealized, 1);
	assert_int_equal(dones, 1);
	object_free(NULL);
}

/* Properties that share a member: one bit, and two that go together. */
static void flags(void **state)
{
	struct error err = { 0 };
	struct test_cpu *c;
	struct object *o;
	char buf[100];
	struct str s = STR(buf);

	assert_int_equal(object_new("test-a-cpu", &o, &err), 0);
	c = object_cast(o, "test-cpu");
	assert_int_equal(c->bits, 0);
	c->bits = 6;
	assert_int_equal(object_set(o, "low", "on", &err), 0);
	assert_int_equal(c->bits, 7);
	assert_int_equal(object_get(o, "both", &s, &err), 0);
	assert_int_equal(object_set(o, "both", "true", &err), 0);
	assert_true(c->bits == (1ull << 63 | 7));
	assert_int_equal(object_get(o, "both", &s, &err), 0);
	assert_int_equal(object_set(o, "both", "no", &err), 0);
	assert_int_equal(c->bits, 6);
	assert_int_equal(object_get(o, "low", &s, &err), 0);
	assert_string_equal(buf, "offonoff");
	assert_int_equal(object_set(o, "low", "2", &err), -EINVAL);
	assert_string_equal(err.text, "'test-a-cpu': property 'low': '2' is not right: give on or off");
	assert_int_equal(object_set(o, "high", "1", &err), -ENOENT);
	assert_string_equal(err.text, "'test-a-cpu' has no property 'high'; there are: "
			    "cores fast label offset low both");
	object_free(o);
}

static void tree(void **state)
{
	struct object *machine, *cpu, *other;
	struct error err = { 0 };
	char buf[100];
	struct str s = STR(buf);

	assert_int_equal(object_new("test-container", &machine, &err), 0);
	assert_int_equal(object_new("test-a-cpu", &cpu, &err), 0);
	assert_int_equal(object_new("test-a-cpu", &other, &err), 0);
	assert_int_equal(object_add(object_root(), "machine", machine, &err), 0);
	assert_int_equal(object_add(machine, "cpu0", cpu, &err), 0);
	assert_int_equal(object_add(machine, "cpu0", other, &err), -EEXIST);
	assert_int_equal(object_add(machine, "a/b", other, &err), -EINVAL);
	assert_int_equal(object_add(machine, "", other, &err), -EINVAL);
	assert_int_equal(object_add(machine, "cpu01", other, &err), 0);
	assert_ptr_equal(object_find("/machine/cpu0"), cpu);
	assert_ptr_equal(object_find("machine//cpu01/"), other);
	assert_ptr_equal(object_find("/"), object_root());
	assert_null(object_find("/machine/cpu"));
	assert_null(object_find("/machine/cpu0/x"));
	object_path(other, &s);
	assert_string_equal(buf, "/machine/cpu01");
	s = STR(buf);
	object_path(object_root(), &s);
	assert_string_equal(buf, "/");
	dones = 0;
	object_free(machine);
	assert_int_equal(dones, 2);
	assert_null(object_find("/machine"));
}

static int set_up(void **state)
{
	module_call_init(MODULE_QOM);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules), cmocka_unit_test(types), cmocka_unit_test(classes),
		cmocka_unit_test(instances), cmocka_unit_test(flags), cmocka_unit_test(tree),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
