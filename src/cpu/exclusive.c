/* The exclusive section: one thread runs while all vCPUs are outside exec().
 *
 * vcpu_exec_start and _end bracket exec() with the vCPU's `running` flag;
 * `wanted` is the request.  Both sides store their own flag and then read the
 * other's, sequentially consistent (the pair: exec_start's exchange with
 * exclusive_start's store), so one of the two sees the other.  The owner kicks
 * those that run and sleeps until the last has left; those that want in sleep
 * until it ends.  Sections of several threads take turns.
 *
 * First in the lock order: nothing is held when a section starts.  Threads
 * that sit in system calls or in C of ours are not stopped by it.
 */
#include "cpu/vcpu.h"
#include "cpu/exclusive.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static u32 wanted;	/* atomic; written under mutex: a section runs or is about to */

static bool others_running(void)
{
	bool any = false;

	vcpu_list_lock();
	for (struct vcpu *cpu = vcpu_list_first(); cpu; cpu = cpu->next) {
		if (cpu == vcpu_current || !__atomic_load_n(&cpu->running, __ATOMIC_SEQ_CST))
			continue;
		vcpu_kick(cpu);
		any = true;
	}
	vcpu_list_unlock();
	return any;
}

void vcpu_exclusive_start(void)
{
	assert(!vcpu_current || !vcpu_current->running);
	pthread_mutex_lock(&mutex);
	while (wanted)
		pthread_cond_wait(&changed, &mutex);
	__atomic_store_n(&wanted, 1, __ATOMIC_SEQ_CST);
	while (others_running())
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
}

void vcpu_exclusive_end(void)
{
	pthread_mutex_lock(&mutex);
	assert(wanted);
	__atomic_store_n(&wanted, 0, __ATOMIC_SEQ_CST);
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

static void wait_for_end(struct vcpu *cpu)
{
	pthread_mutex_lock(&mutex);
	for (;;) {
		__atomic_store_n(&cpu->running, false, __ATOMIC_SEQ_CST);
		if (!wanted)
			break;
		pthread_cond_broadcast(&changed);
		pthread_cond_wait(&changed, &mutex);
	}
	/* Under the mutex nobody can begin a section between the test and this. */
	__atomic_store_n(&cpu->running, true, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&mutex);
}

void vcpu_exec_start(struct vcpu *cpu)
{
	__atomic_store_n(&cpu->running, true, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&wanted, __ATOMIC_SEQ_CST)))
		wait_for_end(cpu);
}

void vcpu_exec_end(struct vcpu *cpu)
{
	__atomic_store_n(&cpu->running, false, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&wanted, __ATOMIC_SEQ_CST)))
		exclusive_recount();
}

void exclusive_recount(void)
{
	if (!__atomic_load_n(&wanted, __ATOMIC_SEQ_CST))
		return;
	pthread_mutex_lock(&mutex);
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&mutex);
}

void exclusive_after_fork(void)
{
	pthread_mutex_init(&mutex, NULL);
	pthread_cond_init(&changed, NULL);
	wanted = 0;
}
