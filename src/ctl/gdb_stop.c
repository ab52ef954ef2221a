/* Holding vCPUs: the half of the gdb stub that runs on the guest's threads, and its counterpart (gdb_stop.h).
 *
 * One state for all threads:
 *   FREE      no debugger
 *   RUNNING   gdb waits for an event; threads run, but for those that its last actions hold
 *   STOPPING  a thread has an event, or gdb asked; the stub's thread is about to kick the others
 *   STOPPED   gdb's turn
 *   GONE      the process ends
 * A thread with an event in RUNNING takes the state to STOPPING, wakes the stub and waits.  One that has a signal while
 * another's event is being told waits with it, and tries again when it is let go; a breakpoint or a step is dropped
 * instead, as the thread meets it again if it is still there.
 *
 * Not modelled: non-stop mode; stops of vfork children (they run, past breakpoints too, and are not shown).
 * Lock: one mutex for everything here; taken before the list of vCPUs, and with no other held.
 */
#include "ctl/gdb_stop.h"
#include "base/list.h"
#include "cpu/accel.h"
#include "cpu/debug.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum state { FREE, RUNNING, STOPPING, STOPPED, GONE };
enum { PATIENCE_MS = 100, LIMIT_MS = 2000, ROUND_MS = 5 };

/* A vCPU that is held: on its own thread's stack. */
struct held {
	struct list link;
	struct vcpu *cpu;
	u32 tid;
	struct stop_event event;
	bool told;		/* gdb knows this event */
	bool go;
	int deliver;		/* from gdb, with go */
	u32 info_len;
	u8 info[STOP_INFO_MAX];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t let_go = PTHREAD_COND_INITIALIZER;	/* some held->go was set */
static pthread_cond_t parked;	/* somebody is held, or gone; CLOCK_MONOTONIC */

/* All under mutex. */
static enum state state = FREE;
static struct list held_list = { &held_list, &held_list };
static struct stop_event current_event;
static struct stop_action actions[STOP_ACTIONS_MAX];
static u32 action_count;
static u64 pass_set;
static int wake = -1;

static void lock(void)
{
	pthread_mutex_lock(&mutex);
}

static void unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

static const struct stop_action *action_of(u32 tid)
{
	for (u32 i = 0; i < action_count; i++)
		if (actions[i].tid == tid || actions[i].tid == ~0ull)
			return actions[i].hold ? NULL : &actions[i];
	return NULL;
}

static void wake_stub(void)
{
	u64 one = 1;
	ssize_t n = write(wake, &one, sizeof one);

	(void)n;	/* it cannot fill up */
}

static void set_event(const struct stop_event *e)
{
	state = STOPPING;
	current_event = *e;
	wake_stub();
}

/* ---- on the vCPUs' threads ---- */

/* Wait for as long as the debugger wants this thread to; returns the signal that it is to get. */
static int hold(struct held *me)
{
	int r = 0;

	lock();
	for (;;) {
		bool may_run = state == RUNNING && action_of(me->tid);

		if (state == FREE || state == GONE) {
			r = me->event.sig;
			break;
		}
		if (may_run && me->event.why == STOP_NOTHING)
			break;
		if (may_run) {
			me->told = true;
			set_event(&me->event);
		}
		me->go = false;
		list_add_last(&held_list, &me->link);
		pthread_cond_broadcast(&parked);
		while (!me->go)
			pthread_cond_wait(&let_go, &mutex);
		list_remove(&me->link);
		r = me->deliver;
		if (me->told || me->event.why != STOP_SIGNAL)
			break;
	}
	unlock();
	return r;
}

static struct held holding(struct vcpu *cpu, enum stop_why why, int sig)
{
	struct held me = {
		.cpu = cpu,
		.tid = debug_machine->thread_id(cpu),
		.event = { why, debug_machine->thread_id(cpu), sig },
	};

	return me;
}

static int trap_hold(struct vcpu *cpu, enum stop_why why)
{
	struct held me = holding(cpu, why, SIGTRAP);
	int sig;

	me.info_len = debug_machine->trap_info(cpu, why == STOP_BREAK ? DEBUG_TRAP_BREAK : DEBUG_TRAP_STEP, me.info,
					       sizeof me.info);
	sig = hold(&me);
	/* The debugger's own trap is never the program's, unless it says so. */
	return me.told ? sig : 0;
}

/* A step of a vfork child, which nobody watches: over the breakpoint, then on. */
static int unwatched_trap(struct vcpu *cpu)
{
	cpu->singlestep = !cpu->singlestep && debug_break_at(cpu->pc);
	return 0;
}

static int hook_trap(struct vcpu *cpu)
{
	const struct stop_action *a;
	bool stepped = cpu->singlestep, quiet;

	if (!debug_machine->thread_id(cpu))
		return unwatched_trap(cpu);
	lock();
	a = action_of(debug_machine->thread_id(cpu));
	quiet = stepped ? !a || !a->step || state == FREE : !debug_break_at(cpu->pc);
	if (quiet && state <= RUNNING)
		cpu->singlestep = 0;	/* inherited from the creator, or gone meanwhile */
	else if (stepped && state == RUNNING && cpu->pc >= a->range_start && cpu->pc < a->range_end &&
		 !debug_break_at(cpu->pc))
		quiet = true;
	unlock();
	return quiet ? 0 : trap_hold(cpu, stepped ? STOP_STEP : STOP_BREAK);
}

static int hook_signal(struct vcpu *cpu, int sig, const void *info, u32 info_len)
{
	struct held me;
	bool passes;

	if (!debug_machine->thread_id(cpu))
		return sig;
	lock();
	passes = state == FREE || (state == RUNNING && sig <= 64 && pass_set >> (sig - 1) & 1);
	unlock();
	if (passes)
		return sig;
	me = holding(cpu, STOP_SIGNAL, sig);
	me.info_len = (u32)min_u64(info_len, sizeof me.info);
	memcpy(me.info, info, me.info_len);
	return hold(&me);
}

static int hook_kicked(struct vcpu *cpu)
{
	struct held me;

	if (!debug_machine->thread_id(cpu))
		return 0;
	me = holding(cpu, STOP_NOTHING, 0);
	return hold(&me);
}

/* Threads that run or will run when they come out of the host, without `but`. */
static u32 count_runnable(const struct vcpu *but)
{
	u32 n = 0;

	vcpu_list_lock();
	for (struct vcpu *cpu = vcpu_list_first(); cpu; cpu = cpu->next) {
		u32 tid = debug_machine->thread_id(cpu);

		n += cpu != but && tid && action_of(tid) != NULL;
	}
	vcpu_list_unlock();
	return n;
}

static void hook_thread_exit(struct vcpu *cpu)
{
	if (!debug_machine->thread_id(cpu))
		return;
	hook_kicked(cpu);	/* a stop comes first */
	lock();
	if (state == RUNNING && !count_runnable(cpu))
		set_event(&(struct stop_event){ STOP_NO_RESUMED, 0, 0 });
	pthread_cond_broadcast(&parked);
	unlock();
}

static void end(struct vcpu *cpu, bool killed, int status)
{
	if (!debug_machine->thread_id(cpu))
		return;
	hook_kicked(cpu);
	lock();
	if (state != GONE) {
		state = GONE;
		gdb_tell_exit(killed, status);
	}
	unlock();
}

static void hook_process_exit(struct vcpu *cpu, int status)
{
	end(cpu, false, status);
}

static void hook_process_killed(struct vcpu *cpu, int sig)
{
	end(cpu, true, sig);
}

static void hook_forked(struct vcpu *self)
{
	cpu_debug = NULL;
	self->singlestep = 0;
	debug_after_fork(self->accel);
	gdb_forked();
}

static const struct debug_hooks hooks = {
	.trap = hook_trap,
	.signal = hook_signal,
	.kicked = hook_kicked,
	.thread_exit = hook_thread_exit,
	.process_exit = hook_process_exit,
	.process_killed = hook_process_killed,
	.forked = hook_forked,
};

/* ---- on the stub's thread ---- */

void stop_init(int wake_fd)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&parked, &attr);
	pthread_condattr_destroy(&attr);
	wake = wake_fd;
	cpu_debug = &hooks;
}

static struct held *held_by_tid(u32 tid)
{
	LIST_EACH(h, &held_list, struct held, link) {
		if (h->tid == tid)
			return h;
	}
	return NULL;
}

/* Kick those that are not held.  True when somebody is to be waited for; *ret_inside: in guest code even. */
static bool kick_others(bool poke, bool *ret_inside)
{
	bool any = false;

	*ret_inside = false;
	vcpu_list_lock();
	for (struct vcpu *cpu = vcpu_list_first(); cpu; cpu = cpu->next) {
		u32 tid = debug_machine->thread_id(cpu);

		if (!tid || held_by_tid(tid))
			continue;
		any = true;
		vcpu_kick(cpu);
		if (__atomic_load_n(&cpu->running, __ATOMIC_SEQ_CST))
			*ret_inside = true;
		else if (poke)
			debug_machine->poke(cpu);
	}
	vcpu_list_unlock();
	return any;
}

/* Under the mutex: come back when all vCPUs are held or sit in the host. */
static void bring_to_stop(void)
{
	bool inside;

	for (u32 ms = 0; ms < LIMIT_MS && kick_others(ms % (PATIENCE_MS / 4) == 0, &inside); ms += ROUND_MS) {
		struct timespec at;

		if (ms >= PATIENCE_MS && !inside)
			break;
		clock_gettime(CLOCK_MONOTONIC, &at);
		at.tv_nsec += ROUND_MS * 1000000;
		if (at.tv_nsec >= 1000000000) {
			at.tv_nsec -= 1000000000;
			at.tv_sec++;
		}
		pthread_cond_timedwait(&parked, &mutex, &at);
	}
}

void stop_attach(struct vcpu *cpu, bool wait)
{
	lock();
	if (state == FREE) {
		current_event = (struct stop_event){ STOP_ASKED, 0, SIGTRAP };
		action_count = 0;
		pass_set = 0;
		state = STOPPING;
		if (wait)
			bring_to_stop();
		else
			vcpu_kick(cpu);
		state = STOPPED;
	}
	unlock();
}

static void let_everybody_go(void)
{
	vcpu_list_lock();
	for (struct vcpu *cpu = vcpu_list_first(); cpu; cpu = cpu->next)
		if (debug_machine->thread_id(cpu))
			cpu->singlestep = 0;
	vcpu_list_unlock();
	LIST_EACH(h, &held_list, struct held, link) {
		h->deliver = h->event.why == STOP_SIGNAL ? h->event.sig : 0;
		h->go = true;
	}
	pthread_cond_broadcast(&let_go);
}

void stop_detach(const struct accel *accel)
{
	debug_break_clear_all(accel);
	lock();
	if (state != GONE) {
		state = FREE;
		let_everybody_go();
	}
	unlock();
}

bool stop_take_event(struct stop_event *ret)
{
	bool taken = false;

	lock();
	if (state == STOPPING) {
		bring_to_stop();
		state = STOPPED;
		*ret = current_event;
		taken = true;
	}
	unlock();
	return taken;
}

bool stop_request(struct stop_event *ret)
{
	bool taken = false;

	lock();
	if (state == RUNNING) {
		current_event = (struct stop_event){ STOP_ASKED, 0, SIGINT };
		state = STOPPING;
		bring_to_stop();
		state = STOPPED;
		*ret = current_event;
		taken = true;
	}
	unlock();
	return taken;
}

static void resume_one(struct vcpu *cpu)
{
	u32 tid = debug_machine->thread_id(cpu);
	const struct stop_action *a = tid ? action_of(tid) : NULL;
	struct held *h = held_by_tid(tid);

	if (!a)
		return;
	cpu->singlestep = a->step;
	if (h) {
		h->deliver = a->sig;
		h->go = true;
	} else if (a->sig) {
		debug_machine->send_signal(cpu, a->sig);
	}
}

void stop_resume(const struct stop_action *list, u32 count)
{
	assert(count <= STOP_ACTIONS_MAX);
	lock();
	if (state == STOPPED) {
		memcpy(actions, list, count * sizeof *list);
		action_count = count;
		state = RUNNING;
		vcpu_list_lock();
		for (struct vcpu *cpu = vcpu_list_first(); cpu; cpu = cpu->next)
			resume_one(cpu);
		vcpu_list_unlock();
		pthread_cond_broadcast(&let_go);
	}
	unlock();
}

void stop_pass_signals(u64 set)
{
	lock();
	pass_set = set;
	unlock();
}

u32 stop_siginfo(u32 tid, u8 info[STOP_INFO_MAX])
{
	struct held *h;
	u32 len = 0;

	lock();
	h = held_by_tid(tid);
	if (h) {
		len = h->info_len;
		memcpy(info, h->info, len);
	}
	unlock();
	return len;
}

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

u32 stop_threads(u32 *tids, u32 max)
{
	u32 n = 0;

	vcpu_list_lock();
	for (struct vcpu *cpu = vcpu_list_first(); cpu && n < max; cpu = cpu->next) {
		tids[n] = debug_machine->thread_id(cpu);
		n += tids[n] != 0;
	}
	vcpu_list_unlock();
	qsort(tids, n, sizeof *tids, compare);
	return n;
}

bool stop_with_vcpu(u32 tid, bool (*fn)(struct vcpu *cpu, void *opaque), void *opaque)
{
	bool r = false;

	vcpu_list_lock();
	for (struct vcpu *cpu = vcpu_list_first(); cpu; cpu = cpu->next) {
		if (tid && debug_machine->thread_id(cpu) == tid) {
			r = fn(cpu, opaque);
			break;
		}
	}
	vcpu_list_unlock();
	return r;
}
