/* System calls with pointers chosen by a command, and the ones that have no meaning for an
 * emulated program.
 *
 * keyctl's arguments are described by a small table; bpf and quotactl are handed on where guest
 * addresses are host addresses. ptrace and perf_event_open are ENOSYS with a line in the log: a
 * tracer would see the emulator.
 *
 * Threads: the task's own. Spec: keyctl(2), bpf(2), quotactl(2).
 */
#include "user/syscall.h"
#include <sys/syscall.h>

i64 call_ptrace(struct call *c)
{
	call_missing("ptrace request", c->arg[0]);
	return -ENOSYS;
}

i64 call_perf_event_open(struct call *c)
{
	call_missing("perf_event_open", c->nr);
	return -ENOSYS;
}

/* Issued by kernels' own signal return only, which ours never does. */
i64 call_restart_syscall(struct call *c)
{
	return -EINTR;
}

i64 call_bpf(struct call *c)
{
	u64 attr;

	if (!guest_is_host()) {
		call_missing("bpf with a moved address space or a 32-bit guest", c->arg[0]);
		return -ENOSYS;
	}
	if (!host_range(c->arg[1], (u32)c->arg[2], &attr))
		return -EFAULT;
	return host_syscall3(SYS_bpf, c->arg[0], attr, c->arg[2]);
}

/* The fourth argument is a structure, a file name or nothing by the command: at most 128 bytes or
 * a path. */
i64 call_quotactl(struct call *c)
{
	struct scratch s;
	const char *special;
	u64 addr;
	i64 r;

	if (!host_range(c->arg[3], c->arg[3] ? 128 : 0, &addr))
		return -EFAULT;
	scratch_init(&s);
	r = path_read(&s, c->arg[1], &special);
	if (r == 0)
		r = host_syscall4(SYS_quotactl, c->arg[0], (uintptr_t)special, c->arg[2], addr);
	scratch_free(&s);
	return r;
}

/* ---- keyctl ---- */

/* Arguments 2 to 5 of each command, by its number: i number, s string, b buffer whose length
 * follows (x, or i), p structure without pointers inside, v array of iovecs whose count follows. */
static const char *const keyctl_args[] = {
	"ii", "s", "ibx", "i", "iii", "ii", "ibx", "i", "ii", "ii", "issi", "ibx", "ibxi", "iii", "i",
	"ii", "i", "ibx", "",
	"iiii", "ivxi", "i", "ii", "pbxp", "iisp", "pspp", "pspp", "pspp", "pspp", "iss", "iiii", "bx", "iii",
};
enum { KEYCTL_INSTANTIATE_IOV = 20, KEYCTL_DH = 23 };

i64 call_keyctl(struct call *c)
{
	u32 cmd = (u32)c->arg[0];
	const char *kinds;
	u64 h[5] = { cmd, c->arg[1], c->arg[2], c->arg[3], c->arg[4] };

	if (cmd >= ARRAY_SIZE(keyctl_args)) {
		call_missing("keyctl", cmd);
		return -EOPNOTSUPP;
	}
	kinds = keyctl_args[cmd];
	if (!guest_is_host() && (cmd == KEYCTL_INSTANTIATE_IOV || cmd >= KEYCTL_DH)) {
		call_missing("keyctl with a moved address space or a 32-bit guest", cmd);
		return -EOPNOTSUPP;
	}
	for (u32 i = 0; kinds[i] && i < 4; i++) {
		u64 v = c->arg[1 + i], len = 1;

		if (kinds[i] == 'i' || kinds[i] == 'x')
			continue;
		if (kinds[i] == 'b' && i < 3)
			len = c->arg[2 + i];
		if (kinds[i] == 'v')
			len = min_u64(c->arg[2 + i], 1024) * 16;
		if (!host_range(v, v ? len : 0, &h[1 + i]))
			return -EFAULT;
	}
	return host_syscall(SYS_keyctl, h[0], h[1], h[2], h[3], h[4], 0);
}
