/* Between run loops and a debugger: breakpoints, and who calls whom when a vCPU stops.
 *
 * Three parts:
 * - a list of breakpoint addresses.  The translator asks it: no block goes across such an address,
 *   and one that starts there leaves with EXIT_DEBUG.  Guest memory is not touched, so reads see the
 *   program's own bytes.
 * - struct debug_hooks, a debugger's: what run loops tell it.  Called on the vCPU's own thread
 *   outside exec() with no lock held; a hook may hold the thread for as long as it likes, the vCPU's
 *   registers are then the debugger's.
 * - struct debug_machine, a run loop's (user mode, system mode): what a debugger asks of it.
 */
#ifndef CPU_DEBUG_H
#define CPU_DEBUG_H

#include "base/str.h"
#include "cpu/vcpu.h"
#include <sys/types.h>

struct accel;

/* ---- breakpoints ---- */

extern u32 debug_breaks;	/* atomic: how many */

/* Slow half of debug_break_at.  Any thread. */
bool debug_break_find(gva pc);

/* Is there a breakpoint at pc?  Any thread. */
static inline bool debug_break_at(gva pc)
{
	return unlikely(__atomic_load_n(&debug_breaks, __ATOMIC_ACQUIRE) != 0) && debug_break_find(pc);
}

/* Put or take away one; code made from there is dropped from accel.  Putting one that is there, or
 * taking one that is not, is no error.  0, or -ENOSPC when there are too many.  Any thread; best with
 * all vCPUs held. */
int debug_break_set(const struct accel *accel, gva pc) MUST_CHECK;
void debug_break_clear(const struct accel *accel, gva pc);
void debug_break_clear_all(const struct accel *accel);
/* In the child of fork: none is left; its translated code is the parent's, so accel drops what has them. */
void debug_after_fork(const struct accel *accel);

/* ---- what run loops tell a debugger ---- */

struct debug_hooks {
	/* After EXIT_DEBUG, or when a single step ended otherwise.  Returns a signal that the program
	 * is to get, 0 = none. */
	int (*trap)(struct vcpu *cpu);
	/* A signal is about to be delivered; info is the guest's siginfo.  Returns the one to deliver, 0 = none. */
	int (*signal)(struct vcpu *cpu, int sig, const void *info, u32 info_len);
	/* The vCPU was kicked.  Returns a signal that the program is to get, 0 = none. */
	int (*kicked)(struct vcpu *cpu);
	/* The thread is about to end. */
	void (*thread_exit)(struct vcpu *cpu);
	/* The process is about to end with a status, or by a signal. */
	void (*process_exit)(struct vcpu *cpu, int status);
	void (*process_killed)(struct vcpu *cpu, int sig);
	/* In the child of fork, which is not debugged: let go of everything. */
	void (*forked)(struct vcpu *self);
};

/* NULL: no debugger.  Set before the first vCPU runs, and to NULL in the child of fork. */
extern const struct debug_hooks *cpu_debug;

/* ---- what a debugger asks ---- */

/* Why a vCPU stopped, for trap_info. */
enum debug_trap { DEBUG_TRAP_BREAK, DEBUG_TRAP_STEP };

struct debug_machine {
	u32 (*process_id)(void);
	/* Small and lasting; 0: this vCPU is not the debugger's business (a vfork child). */
	u32 (*thread_id)(const struct vcpu *cpu);
	void (*thread_text)(const struct vcpu *cpu, struct str *s);	/* for people */
	void (*poke)(struct vcpu *cpu);	/* kicked before: bring it out of a blocking host call too */
	/* 0 or -EFAULT; both ignore the guest's page protection, write drops translated code. */
	int (*read)(gva va, void *buf, u64 len);
	int (*write)(gva va, const void *buf, u64 len);
	/* siginfo as a debugger of the guest's machine would see it for SIGTRAP: its length. */
	u32 (*trap_info)(const struct vcpu *cpu, enum debug_trap why, void *buf, u32 size);
	void (*send_signal)(struct vcpu *cpu, int sig);	/* from a debugger: delivered without asking it again */
	void (*kill)(void);		/* the whole process */
	int (*keep_fd)(int fd);		/* make it ours, out of the guest's sight: at start only */
	const char *(*exec_path)(void);	/* of the program, absolute */
	i64 (*auxv)(u64 offset, void *buf, u64 len);	/* bytes had, or -errno */
	/* A file by the guest's name, read only: a descriptor, or the link's length; or -errno. */
	int (*open)(const char *path);
	i64 (*readlink)(const char *path, char *buf, u64 size);
};

/* Set before a debugger starts. */
extern const struct debug_machine *debug_machine;

#endif
