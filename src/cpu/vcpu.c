/* Making, freeing and listing vCPUs; their floating-point flags; raising exits.
 *
 * A vCPU is one anonymous mapping: struct vcpu and the accelerator's area
 * behind it.  Pages that are never touched cost nothing, so a thread with a
 * large jump table that runs little stays small.  The list of live vCPUs
 * serves the exclusive section (exclusive.c) and whoever must look at all of
 * them; its lock is a leaf but for accelerators' own locks.
 *
 * Not modelled: more than VCPU_MAX live vCPUs in one process (panics).
 */
#include "cpu/vcpu.h"
#include "cpu/target.h"
#include "cpu/accel.h"
#include "cpu/exclusive.h"
#include "base/bits.h"
#include "fp/fp.h"
#include <sys/mman.h>

enum { VCPU_MAX = 65536 };

_Thread_local struct vcpu *vcpu_current;
bool vcpu_parallel;

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct vcpu *list_head;			/* under list_mutex */
static u64 index_used[VCPU_MAX / 64];		/* under list_mutex: bit = that index is taken */

static u64 vcpu_bytes(const struct accel *accel)
{
	return align_up(sizeof(struct vcpu) + accel->vcpu_area, 4096);
}

struct vcpu *vcpu_new(const struct target *target, const struct accel *accel,
		      const void *cpu_model)
{
	struct vcpu *cpu = mmap(NULL, vcpu_bytes(accel), PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (cpu == MAP_FAILED)
		return NULL;
	cpu->target = target;
	cpu->accel = accel;
	cpu->cpu_model = cpu_model;
	cpu->excl_addr = ~0ull;
	cpu->mxcsr = 0x1f80;
	vcpu_unkick(cpu);
	target->reset(cpu);
	if (accel->vcpu_init)
		accel->vcpu_init(cpu);
	return cpu;
}

void vcpu_free(struct vcpu *cpu)
{
	if (!cpu)
		return;
	vcpu_list_remove(cpu);
	if (cpu->accel->vcpu_done)
		cpu->accel->vcpu_done(cpu);
	munmap(cpu, vcpu_bytes(cpu->accel));
}

void vcpu_list_lock(void)
{
	int r = pthread_mutex_lock(&list_mutex);

	assert(r == 0);
}

void vcpu_list_unlock(void)
{
	int r = pthread_mutex_unlock(&list_mutex);

	assert(r == 0);
}

struct vcpu *vcpu_list_first(void)
{
	return list_head;
}

static bool on_list(const struct vcpu *cpu)
{
	return cpu->prev || list_head == cpu;
}

static void link_first(struct vcpu *cpu)
{
	u32 word = 0;

	while (index_used[word] == ~0ull)
		if (++word == ARRAY_SIZE(index_used))
			panic("more than %d virtual CPUs", VCPU_MAX);
	cpu->index = word * 64 + ctz64(~index_used[word]);
	index_used[word] |= 1ull << (cpu->index & 63);
	cpu->prev = NULL;
	cpu->next = list_head;
	if (list_head)
		list_head->prev = cpu;
	list_head = cpu;
}

void vcpu_list_add(struct vcpu *cpu)
{
	vcpu_list_lock();
	assert(!on_list(cpu));
	link_first(cpu);
	vcpu_list_unlock();
}

void vcpu_list_remove(struct vcpu *cpu)
{
	vcpu_list_lock();
	if (on_list(cpu)) {
		index_used[cpu->index / 64] &= ~(1ull << (cpu->index & 63));
		if (cpu->prev)
			cpu->prev->next = cpu->next;
		else
			list_head = cpu->next;
		if (cpu->next)
			cpu->next->prev = cpu->prev;
		cpu->next = cpu->prev = NULL;
	}
	vcpu_list_unlock();
	/* One that died inside exec() (a killed vfork child) is waited for no more. */
	exclusive_recount();
}

void vcpu_list_after_fork(struct vcpu *self)
{
	struct vcpu *cpu = list_head, *next;

	pthread_mutex_init(&list_mutex, NULL);
	exclusive_after_fork();
	list_head = NULL;
	memset(index_used, 0, sizeof(index_used));
	for (; cpu; cpu = next) {
		next = cpu->next;
		cpu->next = cpu->prev = NULL;
		/* Not vcpu_done: what it would release belongs to threads that are not here. */
		if (cpu != self)
			munmap(cpu, vcpu_bytes(cpu->accel));
	}
	link_first(self);
}

void vcpu_go_parallel(void)
{
	if (vcpu_parallel)
		return;
	vcpu_parallel = true;
	if (vcpu_current)
		vcpu_current->accel->invalidate(0, UINT64_MAX);
}

void vcpu_raise(struct vcpu *cpu, enum vcpu_exit exit)
{
	assert(cpu->raise_to);
	cpu->exit_code = exit;
	siglongjmp(*cpu->raise_to, 1);
}

/* MXCSR's status bits IE DE ZE OE UE PE and control bits. */
enum { MXCSR_IE = 1, MXCSR_ZE = 4, MXCSR_OE = 8, MXCSR_UE = 16, MXCSR_PE = 32, MXCSR_STATUS = 63,
       MXCSR_RC = 13 };

u8 vcpu_fp_flags(struct vcpu *cpu)
{
	u32 m = cpu->mxcsr;

	return cpu->fp_flags | (m & MXCSR_IE ? FP_NV : 0) | (m & MXCSR_ZE ? FP_DZ : 0) |
	       (m & MXCSR_OE ? FP_OF : 0) | (m & MXCSR_UE ? FP_UF : 0) |
	       (m & MXCSR_PE ? FP_NX : 0);
}

void vcpu_fp_flags_set(struct vcpu *cpu, u8 flags)
{
	cpu->fp_flags = flags;
	cpu->mxcsr &= ~(u32)MXCSR_STATUS;
}

void vcpu_fp_rm_set(struct vcpu *cpu, u32 rm)
{
	/* nearest-away is not the host's: soft paths round, the host's mode is not looked at */
	static const u8 rc[] = {
		[FP_RNE] = 0, [FP_RTZ] = 3, [FP_RDN] = 1, [FP_RUP] = 2, [FP_RMM] = 0, [FP_ROD] = 3,
	};

	cpu->mxcsr = (u32)bits_put(cpu->mxcsr, MXCSR_RC, 2, rm < ARRAY_SIZE(rc) ? rc[rm] : 0);
}
