/* System V and POSIX message queues, semaphores, shared memory: the calls with arguments by command.
 *
 * Keys and ids are the host's.  Control structures are copied in the guest's layout; attaching goes through the memory
 * map (mm_shmat).  Queue and semaphore waits are never restarted (signal(7)).
 *
 * Not modelled: the IPC_64 flag and the old structures of 32-bit guests; `ipc`, their multiplexer.
 * Threads: the task's own.  Spec: msgctl(2), semctl(2), shmctl(2), mq_notify(3).
 */
#include "user/syscall.h"
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>

/* cmd -> the structure it reads or fills. */
struct ipc_command { u8 cmd, dir; const char *type; };

/* Commands newer than some C libraries' headers. */
enum { CMD_MSG_STAT_ANY = 13, CMD_SEM_STAT_ANY = 20, CMD_SHM_STAT_ANY = 15 };

static const struct ipc_command msg_commands[] = {
	{ IPC_RMID }, { IPC_STAT, ARG_OUT, "msqid64_ds" }, { IPC_SET, ARG_IN, "msqid64_ds" },
	{ MSG_STAT, ARG_OUT, "msqid64_ds" }, { CMD_MSG_STAT_ANY, ARG_OUT, "msqid64_ds" },
	{ IPC_INFO, ARG_OUT, "msginfo" }, { MSG_INFO, ARG_OUT, "msginfo" },
};
static const struct ipc_command shm_commands[] = {
	{ IPC_RMID }, { IPC_STAT, ARG_OUT, "shmid64_ds" }, { IPC_SET, ARG_IN, "shmid64_ds" },
	{ SHM_STAT, ARG_OUT, "shmid64_ds" }, { CMD_SHM_STAT_ANY, ARG_OUT, "shmid64_ds" },
	{ IPC_INFO, ARG_OUT, "shminfo64" }, { SHM_INFO, ARG_OUT, "shm_info" }, { SHM_LOCK }, { SHM_UNLOCK },
};
static const struct ipc_command sem_commands[] = {
	{ IPC_RMID }, { IPC_STAT, ARG_OUT, "semid64_ds" }, { IPC_SET, ARG_IN, "semid64_ds" },
	{ SEM_STAT, ARG_OUT, "semid64_ds" }, { CMD_SEM_STAT_ANY, ARG_OUT, "semid64_ds" },
	{ IPC_INFO, ARG_OUT, "seminfo" }, { SEM_INFO, ARG_OUT, "seminfo" },
};

static const struct ipc_command *command_find(const struct ipc_command *t, u32 count, u32 cmd)
{
	for (u32 i = 0; i < count; i++)
		if (t[i].cmd == cmd)
			return &t[i];
	return NULL;
}

/* nr(a, b, cmd, structure) or nr(a, cmd, structure): `with_b` says which. */
static i64 ipc_control(long nr, u64 id, bool with_b, u64 b, u32 cmd, const struct ipc_command *t, gva va)
{
	u8 host[256] = { 0 };
	const struct layout *l = t->type ? layout_of(t->type) : NULL;
	i64 r;

	assert(!l || l->host_size <= sizeof(host));
	if ((t->dir & ARG_IN) && layout_read(l, host, va))
		return -EFAULT;
	r = with_b ? host_syscall4(nr, id, b, cmd, (uintptr_t)host) : host_syscall3(nr, id, cmd, (uintptr_t)host);
	if (r >= 0 && (t->dir & ARG_OUT) && layout_write(l, va, host))
		return -EFAULT;
	return r;
}

i64 call_msgctl(struct call *c)
{
	const struct ipc_command *t = command_find(msg_commands, ARRAY_SIZE(msg_commands), (u32)c->arg[1]);

	return t ? ipc_control(SYS_msgctl, c->arg[0], false, 0, (u32)c->arg[1], t, c->arg[2]) : -EINVAL;
}

i64 call_shmctl(struct call *c)
{
	const struct ipc_command *t = command_find(shm_commands, ARRAY_SIZE(shm_commands), (u32)c->arg[1]);

	return t ? ipc_control(SYS_shmctl, c->arg[0], false, 0, (u32)c->arg[1], t, c->arg[2]) : -EINVAL;
}

/* GETALL and SETALL: one 16-bit value a semaphore. */
static i64 sem_all(struct call *c)
{
	u8 ds[256];
	const struct layout *l = layout_of("semid64_ds");
	u64 nsems, values;
	i64 r;

	assert(l->host_size <= sizeof(ds));
	r = host_syscall4(SYS_semctl, c->arg[0], 0, IPC_STAT, (uintptr_t)ds);
	if (r < 0)
		return r;
	memcpy(&nsems, ds + offsetof(struct semid_ds, sem_nsems), sizeof(nsems));
	if (!host_range(c->arg[3], nsems * 2, &values))
		return -EFAULT;
	return host_syscall4(SYS_semctl, c->arg[0], c->arg[1], c->arg[2], values);
}

i64 call_semctl(struct call *c)
{
	const struct ipc_command *t;
	u32 cmd = (u32)c->arg[2];

	switch (cmd) {
	case GETALL:
	case SETALL:
		return sem_all(c);
	case SETVAL:
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
		return host_syscall4(SYS_semctl, c->arg[0], c->arg[1], cmd, c->arg[3]);
	default:
		t = command_find(sem_commands, ARRAY_SIZE(sem_commands), cmd);
		return t ? ipc_control(SYS_semctl, c->arg[0], true, c->arg[1], cmd, t, c->arg[3]) : -EINVAL;
	}
}

/* A message: the guest's long, then its bytes. */
static i64 message_buffer(gva va, u64 size, u64 *ret)
{
	if ((i64)size < 0)
		return -EINVAL;
	if (size > (u64)1 << 40 || !host_range(va, size + 8, ret))
		return -EFAULT;
	if (abi_is_32(guest_abi())) {
		call_missing("message queues of a 32-bit guest", 0);
		return -ENOSYS;
	}
	return 0;
}

i64 call_msgsnd(struct call *c)
{
	u64 buf;
	i64 r = message_buffer(c->arg[1], c->arg[2], &buf);

	return r ? r : call_eintr(host_call(SYS_msgsnd, c->arg[0], buf, c->arg[2], c->arg[3], 0, 0));
}

i64 call_msgrcv(struct call *c)
{
	u64 buf;
	i64 r = message_buffer(c->arg[1], c->arg[2], &buf);

	return r ? r : call_eintr(host_call(SYS_msgrcv, c->arg[0], buf, c->arg[2], c->arg[3], c->arg[4], 0));
}

i64 call_mq_notify(struct call *c)
{
	const struct layout *l = layout_of("sigevent");
	u8 host[64];
	u64 cookie;
	struct sigevent *ev = (struct sigevent *)host;

	_Static_assert(sizeof(struct sigevent) == sizeof(host), "sigevent is 64 bytes on the host");
	if (!c->arg[1])
		return host_syscall2(SYS_mq_notify, c->arg[0], 0);
	if (layout_read(l, host, c->arg[1]))
		return -EFAULT;
	/* SIGEV_THREAD's value points to the 32 bytes that the C library's helper thread is sent */
	if (ev->sigev_notify == SIGEV_THREAD) {
		if (!host_range((uintptr_t)ev->sigev_value.sival_ptr, 32, &cookie))
			return -EFAULT;
		ev->sigev_value.sival_ptr = (void *)(uintptr_t)cookie;
	}
	return host_syscall2(SYS_mq_notify, c->arg[0], (uintptr_t)host);
}

i64 call_shmat(struct call *c) { return mm_shmat((int)c->arg[0], c->arg[1], (int)c->arg[2]); }
i64 call_shmdt(struct call *c) { return mm_shmdt(c->arg[0]); }
