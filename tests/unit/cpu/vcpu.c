/* vCPUs: allocation, list, floating-point flags, raising, the exclusive section under load. */
#include "../unit.h"
#include "cpu/accel.h"
#include "cpu/target.h"
#include "fp/fp.h"
#include <unistd.h>
#include <sys/wait.h>

enum { AREA = 3 << 20, THREADS = 6, ROUNDS = 3000 };

static void reset(struct vcpu *cpu)
{
	cpu->pc = 0x1234;
}

static void area_init(struct vcpu *cpu)
{
	cpu->accel_area[AREA - 1] = 7;
}

static const struct target target = { .name = "test", .reset = reset, .state_size = 8 };
static const struct accel accel = { .name = "test", .vcpu_area = AREA, .vcpu_init = area_init };

static void test_new(void **state)
{
	struct vcpu *cpu = vcpu_new(&target, &accel, &accel), *other = vcpu_new(&target, &accel, NULL);

	assert_int_equal(cpu->pc, 0x1234);
	assert_int_equal(cpu->accel_area[AREA - 1], 7);
	assert_int_equal(cpu->accel_area[AREA - 2], 0);
	assert_true(cpu->excl_addr == ~0ull);
	assert_ptr_equal(cpu->cpu_model, &accel);
	assert_null(vcpu_list_first());
	vcpu_list_add(cpu);
	vcpu_list_add(other);
	assert_int_equal(cpu->index, 0);
	assert_int_equal(other->index, 1);
	assert_ptr_equal(vcpu_list_first(), other);
	assert_ptr_equal(other->next, cpu);
	vcpu_list_remove(cpu);
	vcpu_list_remove(cpu);	/* again: harmless */
	assert_null(other->next);
	vcpu_list_add(cpu);
	assert_int_equal(cpu->index, 0);	/* the free number */
	vcpu_free(cpu);
	vcpu_free(other);
	vcpu_free(NULL);
	assert_null(vcpu_list_first());
}

static void test_fp(void **state)
{
	static const struct { u32 mxcsr; u8 flag; } bits[] = {
		{ 1, FP_NV }, { 2, 0 }, { 4, FP_DZ }, { 8, FP_OF }, { 16, FP_UF }, { 32, FP_NX },
	};
	static const u32 rc[] = { [FP_RNE] = 0, [FP_RTZ] = 3, [FP_RDN] = 1, [FP_RUP] = 2 };
	struct vcpu *cpu = vcpu_new(&target, &accel, NULL);

	assert_int_equal(cpu->mxcsr, 0x1f80);
	for (u32 i = 0; i < ARRAY_SIZE(bits); i++) {
		cpu->mxcsr = 0x1f80 | bits[i].mxcsr;
		assert_int_equal(vcpu_fp_flags(cpu), bits[i].flag);
	}
	cpu->fp_flags = FP_DZ;
	assert_int_equal(vcpu_fp_flags(cpu), FP_DZ | FP_NX);
	vcpu_fp_flags_set(cpu, FP_OF);
	assert_int_equal(vcpu_fp_flags(cpu), FP_OF);
	for (u32 rm = 0; rm < ARRAY_SIZE(rc); rm++) {
		vcpu_fp_rm_set(cpu, rm);
		assert_int_equal(cpu->mxcsr, 0x1f80 | rc[rm] << 13);
	}
	vcpu_free(cpu);
}

static void test_raise(void **state)
{
	struct vcpu *cpu = vcpu_new(&target, &accel, NULL);
	sigjmp_buf to;

	cpu->raise_to = &to;
	if (!sigsetjmp(to, 0))
		vcpu_raise(cpu, EXIT_ILLEGAL);
	assert_int_equal(cpu->exit_code, EXIT_ILLEGAL);
	vcpu_free(cpu);
}

/* Threads that "run guest code" and now and then want to be alone. */
static u32 inside, alone, wrong;

static void *runner(void *arg)
{
	struct vcpu *cpu = vcpu_new(&target, &accel, NULL);

	vcpu_current = cpu;
	vcpu_list_add(cpu);
	for (u32 i = 0; i < ROUNDS; i++) {
		vcpu_exec_start(cpu);
		__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
		for (u32 k = 0; k < 50 && !__atomic_load_n(&cpu->exit_request, __ATOMIC_SEQ_CST); k++)
			if (__atomic_load_n(&alone, __ATOMIC_SEQ_CST))
				__atomic_store_n(&wrong, 1, __ATOMIC_SEQ_CST);
		__atomic_store_n(&cpu->exit_request, 0, __ATOMIC_SEQ_CST);
		__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
		vcpu_exec_end(cpu);
		if ((i + (uintptr_t)arg) % 7)
			continue;
		vcpu_exclusive_start();
		if (__atomic_exchange_n(&alone, 1, __ATOMIC_SEQ_CST) || __atomic_load_n(&inside, __ATOMIC_SEQ_CST))
			__atomic_store_n(&wrong, 1, __ATOMIC_SEQ_CST);
		__atomic_store_n(&alone, 0, __ATOMIC_SEQ_CST);
		vcpu_exclusive_end();
	}
	vcpu_current = NULL;
	vcpu_free(cpu);
	return NULL;
}

static void test_exclusive(void **state)
{
	pthread_t t[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, runner, (void *)i), 0);
	for (u32 i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
	assert_int_equal(wrong, 0);
	assert_null(vcpu_list_first());
}

static void test_fork(void **state)
{
	struct vcpu *cpu = vcpu_new(&target, &accel, NULL), *other = vcpu_new(&target, &accel, NULL);
	int status;
	pid_t pid;

	vcpu_list_add(other);
	vcpu_list_add(cpu);
	vcpu_exclusive_start();
	pid = fork();
	if (pid == 0) {
		vcpu_list_after_fork(cpu);
		vcpu_exclusive_start();	/* the parent's section is not the child's */
		vcpu_exclusive_end();
		_exit(vcpu_list_first() == cpu && !cpu->next && cpu->index == 0 ? 0 : 1);
	}
	vcpu_exclusive_end();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	vcpu_free(cpu);
	vcpu_free(other);
}

static void test_registry(void **state)
{
	const struct target *t = target_find("riscv64");

	assert_non_null(t);
	assert_ptr_equal(target_find_elf(243, 2, 1), t);
	assert_null(target_find("none"));
	assert_null(target_find_elf(1, 1, 1));
	assert_non_null(accel_find("tcg"));
	assert_non_null(accel_find("interp"));
	assert_null(accel_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new), cmocka_unit_test(test_fp), cmocka_unit_test(test_raise),
		cmocka_unit_test(test_exclusive), cmocka_unit_test(test_fork), cmocka_unit_test(test_registry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
