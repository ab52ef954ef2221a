/* User mode's side of a debugger (cpu/debug.h): what it may ask of a Linux process, and its hooks on tasks.
 *
 * The run loop and signal delivery call task_debug_* below when cpu_debug is set.  With a debugger every
 * signal that would end the process comes through our handler, so that it can be told first.  A thread in
 * a blocking call is brought out by a signal of our own, which the handler throws away (DEBUG_POKE_CODE);
 * the call is made again when the thread goes on.  A signal that the debugger sends is queued on the host
 * like any other, and known by its code (DEBUG_SENT_CODE) when it comes, so that nobody is asked again.
 *
 * Not modelled: memory of other processes; the child of fork is let go.
 * Threads: machine functions on the debugger's, with the list of vCPUs locked where a vCPU is given; task functions on
 * the task's own.
 */
#include "user/path.h"
#include "user/signal.h"
#include "cpu/debug.h"
#include "host/file.h"
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TRAP_CODE_BRKPT = 1, TRAP_CODE_TRACE = 2, OFF_CODE = 8 };

int (*user_gdb_hook)(const char *where, struct vcpu *cpu, struct error *err);

static int main_status;		/* of the first thread, when it ended before the others */

/* ---- what a debugger asks ---- */

static struct task *task_of(const struct vcpu *cpu)
{
	return cpu->user;
}

static u32 machine_process_id(void)
{
	return (u32)getpid();
}

static u32 machine_thread_id(const struct vcpu *cpu)
{
	const struct task *task = task_of(cpu);

	return task && sigstate(task)->kind != TASK_LENT ? (u32)task->tid : 0;
}

static void machine_thread_text(const struct vcpu *cpu, struct str *s)
{
	const struct task *task = task_of(cpu);
	char path[48], name[32] = "";
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof path, "/proc/self/task/%d/comm", task->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, sizeof name - 1);
		close(fd);
	}
	if (n > 0 && name[n - 1] == '\n')
		name[n - 1] = 0;
	str_puts(s, name);
	if (task->in_syscall)
		str_add(s, " in system call %llu", (unsigned long long)task->syscall_nr);
}

static void queue_signal(const struct task *task, int sig, int code)
{
	siginfo_t info = { 0 };

	info.si_signo = sig;
	info.si_code = code;
	info.si_pid = getpid();
	info.si_uid = getuid();
	host_syscall4(SYS_rt_tgsigqueueinfo, getpid(), task->tid, sig, &info);
}

static void machine_poke(struct vcpu *cpu)
{
	const struct task *task = task_of(cpu);

	if (task->in_syscall)
		queue_signal(task, SIGTRAP, DEBUG_POKE_CODE);
}

static void machine_send_signal(struct vcpu *cpu, int sig)
{
	queue_signal(task_of(cpu), sig, DEBUG_SENT_CODE);
}

/* Through the host's /proc/self/mem, which minds no protection: for pages that the guest may not read or write. */
static int access_forced(gva va, void *buf, u64 len, bool write)
{
	int fd, r = 0;

	for (gva at = va, end; at - va < len; at = end)
		if (mm_prot(at, &end) < 0 || end <= at)
			return -EFAULT;
	fd = open("/proc/self/mem", (write ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return -EFAULT;
	for (u64 done = 0; done < len && r == 0;) {
		off_t at = (off_t)(uintptr_t)guest_ptr(va + done);
		u8 *from = (u8 *)buf + done;
		ssize_t n = write ? pwrite(fd, from, len - done, at) : pread(fd, from, len - done, at);

		if (n <= 0)
			r = -EFAULT;
		else
			done += (u64)n;
	}
	close(fd);
	return r;
}

static int machine_read(gva va, void *buf, u64 len)
{
	return guest_read(buf, va, len) == 0 ? 0 : access_forced(va, buf, len, false);
}

static int machine_write(gva va, const void *buf, u64 len)
{
	const struct accel *accel = process.cfg->accel;
	gva end;
	int r = -EFAULT;

	if (mm_prot(va, &end) >= 0)
		r = guest_write(va, buf, len) == 0 ? 0 : access_forced(va, (void *)buf, len, true);
	if (r == 0 && accel->invalidate)
		accel->invalidate(va, len);
	return r;
}

static u32 machine_trap_info(const struct vcpu *cpu, enum debug_trap why, void *buf, u32 size)
{
	struct linux_siginfo info;

	siginfo_fault(&info, SIGTRAP, why == DEBUG_TRAP_BREAK ? TRAP_CODE_BRKPT : TRAP_CODE_TRACE, cpu->pc);
	assert(size >= sizeof info);
	memcpy(buf, &info, sizeof info);
	return sizeof info;
}

static void machine_kill(void)
{
	host_syscall2(SYS_kill, getpid(), SIGKILL);
}

static const char *machine_exec_path(void)
{
	return process.exe;
}

static i64 machine_auxv(u64 offset, void *buf, u64 len)
{
	if (offset > process.auxv_len)
		return -EINVAL;
	len = min_u64(len, process.auxv_len - offset);
	return guest_read(buf, process.auxv + offset, len) < 0 ? -EFAULT : (i64)len;
}

static int machine_open(const char *path)
{
	char buf[PATH_MAX];
	i64 fd = proc_open(AT_FDCWD, path, O_RDONLY);

	if (fd == -ENOSYS) {
		fd = open(path_host_follow(AT_FDCWD, path, buf), O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	return fd < 0 ? (int)fd : file_hide((int)fd);
}

static i64 machine_readlink(const char *path, char *buf, u64 size)
{
	char host[PATH_MAX];
	i64 n = proc_readlink(AT_FDCWD, path, buf, size);

	if (n != -ENOSYS)
		return n;
	n = readlink(path_host(path, host), buf, size);
	return n < 0 ? -errno : n;
}

static const struct debug_machine machine = {
	.process_id = machine_process_id,
	.thread_id = machine_thread_id,
	.thread_text = machine_thread_text,
	.poke = machine_poke,
	.read = machine_read,
	.write = machine_write,
	.trap_info = machine_trap_info,
	.send_signal = machine_send_signal,
	.kill = machine_kill,
	.keep_fd = fd_keep,
	.exec_path = machine_exec_path,
	.auxv = machine_auxv,
	.open = machine_open,
	.readlink = machine_readlink,
};

/* ---- what the run loop tells ---- */

/* As a signal of somebody else's: blocked and ignored ones stay so. */
static void raise_later(struct task *task, int sig)
{
	if (sig)
		queue_signal(task, sig, DEBUG_SENT_CODE);
}

void task_debug_trap(struct task *task)
{
	raise_later(task, cpu_debug->trap(task->cpu));
}

void task_debug_kicked(struct task *task)
{
	raise_later(task, cpu_debug->kicked(task->cpu));
}

int task_debug_signal(struct task *task, int sig, struct linux_siginfo *info)
{
	i32 code, tkill = SI_TKILL;
	int r;

	memcpy(&code, info->bytes + OFF_CODE, sizeof code);
	if (code == DEBUG_SENT_CODE) {
		memcpy(info->bytes + OFF_CODE, &tkill, sizeof tkill);
		return sig;
	}
	r = cpu_debug->signal(task->cpu, sig, info, sizeof *info);
	if (r && r != sig)
		siginfo_fault(info, r, SI_USER, 0);
	return r;
}

void task_debug_exit(struct task *task, int status)
{
	if (sigstate(task)->kind == TASK_LENT)
		return;
	if (sigstate(task)->kind == TASK_MAIN)
		main_status = status;
	cpu_debug->thread_exit(task->cpu);
	/* The debugger's thread would keep the process. */
	if (atomic_load(&process.task_count) == 1)
		process_exit(sigstate(task)->kind == TASK_MAIN ? status : main_status);
}

int user_debug_start(struct vcpu *cpu, struct error *err)
{
	int r;

	if (!user_gdb_hook)
		return fail(err, ENOTSUP, "option '-g': this program has no gdb stub");
	debug_machine = &machine;
	r = user_gdb_hook(process.cfg->gdb, cpu, err);
	if (r < 0)
		return r;
	signal_lock();
	for (int sig = 1; sig <= LINUX_NSIG; sig++)
		signal_mirror(process.action, sig);
	signal_unlock();
	return 0;
}
