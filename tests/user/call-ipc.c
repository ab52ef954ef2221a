/* System V IPC, POSIX message queues, memory of another process, pidfds. */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

union semun { int val; struct semid_ds *buf; unsigned short *array; };

static void test_sem(void)
{
	int id = semget(IPC_PRIVATE, 3, 0600 | IPC_CREAT), status;
	unsigned short values[3] = { 1, 2, 3 }, got[3] = { 0 };
	struct semid_ds ds = { 0 };
	struct sembuf op = { 0, -2, 0 };
	struct timespec t = { 0, 10000000 };

	NEED(id >= 0);
	CHECK(semctl(id, 0, SETALL, (union semun){ .array = values }) == 0);
	CHECK(semctl(id, 0, GETALL, (union semun){ .array = got }) == 0 && got[0] == 1 && got[2] == 3);
	CHECK(semctl(id, 1, SETVAL, (union semun){ .val = 9 }) == 0 && semctl(id, 1, GETVAL) == 9);
	CHECK(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }) == 0 && ds.sem_nsems == 3 &&
	      ds.sem_perm.uid == getuid());
	CHECK(ds.sem_ctime > 1000000000);
	CHECK((ds.sem_perm.mode & 0777) == 0600);
	ds.sem_perm.mode = 0640;
	CHECK(semctl(id, 0, IPC_SET, (union semun){ .buf = &ds }) == 0 && semctl(id, 0, IPC_STAT,
		(union semun){ .buf = &ds }) == 0);
	CHECK((ds.sem_perm.mode & 0777) == 0640);
	CHECK(semtimedop(id, &op, 1, &t) == -1 && errno == EAGAIN);
	if (fork() == 0) {
		struct sembuf up = { 0, 1, 0 };
		usleep(10000);
		_exit(semop(id, &up, 1) != 0);
	}
	CHECK(semop(id, &op, 1) == 0 && wait(&status) > 0 && status == 0 && semctl(id, 0, GETVAL) == 0);
	CHECK(semctl(id, 0, IPC_STAT, (union semun){ .buf = (void *)8 }) == -1 && errno == EFAULT);
	CHECK(semctl(id, 0, IPC_RMID) == 0 && semctl(id, 0, GETVAL) == -1 && errno == EINVAL);
}

static void test_msg(void)
{
	struct { long type; char text[16]; } m = { 5, "message" }, r = { 0 };
	int id = msgget(IPC_PRIVATE, 0600 | IPC_CREAT);
	struct msqid_ds ds;

	NEED(id >= 0);
	CHECK(msgsnd(id, &m, 8, 0) == 0);
	m.type = 6;
	CHECK(msgsnd(id, &m, 4, 0) == 0);
	CHECK(msgctl(id, IPC_STAT, &ds) == 0 && ds.msg_qnum == 2 && ds.msg_lspid == getpid());
	CHECK(msgrcv(id, &r, sizeof(r.text), 6, 0) == 4 && r.type == 6);
	CHECK(msgrcv(id, &r, sizeof(r.text), 0, 0) == 8 && r.type == 5 && !strcmp(r.text, "message"));
	CHECK(msgrcv(id, &r, sizeof(r.text), 0, IPC_NOWAIT) == -1 && errno == ENOMSG);
	CHECK(msgsnd(id, (void *)8, 4, 0) == -1 && errno == EFAULT);
	CHECK(msgctl(id, IPC_RMID, NULL) == 0);
}

static void test_shm(void)
{
	int id = shmget(IPC_PRIVATE, 8192, 0600 | IPC_CREAT), status;
	char *p = shmat(id, NULL, 0), *q;
	struct shmid_ds ds;

	NEED(id >= 0 && p != (void *)-1);
	q = shmat(id, NULL, SHM_RDONLY);
	memcpy(p + 4096, "shared", 7);
	CHECK(q != p && !strcmp(q + 4096, "shared"));
	CHECK(shmctl(id, IPC_STAT, &ds) == 0 && ds.shm_nattch == 2 && ds.shm_segsz == 8192);
	if (fork() == 0) {
		p[0] = 'c';
		_exit(0);
	}
	CHECK(wait(&status) > 0 && status == 0 && q[0] == 'c');
	CHECK(shmdt(q) == 0 && shmdt(q) == -1 && errno == EINVAL);
	CHECK(shmctl(id, IPC_RMID, NULL) == 0 && shmdt(p) == 0);
}

static void test_mq(void)
{
	struct mq_attr a = { .mq_maxmsg = 4, .mq_msgsize = 32 }, b;
	struct timespec past = { 1, 0 };
	char buf[32];
	unsigned prio;
	mqd_t q = mq_open("/mimus-test", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &a);

	if (q < 0 && errno == ENOSYS)
		return;
	NEED(q >= 0);
	CHECK(mq_getattr(q, &b) == 0 && b.mq_maxmsg == 4 && b.mq_msgsize == 32 && b.mq_curmsgs == 0);
	CHECK(mq_send(q, "low", 4, 1) == 0 && mq_send(q, "high", 5, 9) == 0);
	CHECK(mq_receive(q, buf, 32, &prio) == 5 && prio == 9 && !strcmp(buf, "high"));
	CHECK(mq_receive(q, buf, 32, NULL) == 4);
	CHECK(mq_timedreceive(q, buf, 32, NULL, &past) == -1 && errno == ETIMEDOUT);
	CHECK(mq_receive(q, buf, 8, NULL) == -1 && errno == EMSGSIZE);
	CHECK(mq_unlink("/mimus-test") == 0 && mq_close(q) == 0);
}

static void test_process_vm(void)
{
	static char text[16] = "before";
	char copy[16] = "";
	struct iovec l = { copy, 16 }, r = { text, 16 };
	int fds[2], back[2], status;
	pid_t pid;
	char c;

	NEED(pipe(fds) == 0 && pipe(back) == 0);
	pid = fork();
	if (pid == 0) {
		memcpy(text, "child", 6);
		if (write(fds[1], "r", 1) != 1 || read(back[0], &c, 1) != 1)
			_exit(2);
		_exit(strcmp(text, "parent"));
	}
	CHECK(read(fds[0], &c, 1) == 1);
	ssize_t n = process_vm_readv(pid, &l, 1, &r, 1, 0);
	if (n >= 0) {
		CHECK(n == 16 && !strcmp(copy, "child"));
		memcpy(copy, "parent", 7);
		CHECK(process_vm_writev(pid, &l, 1, &r, 1, 0) == 16);
		r.iov_base = (void *)16;
		CHECK(process_vm_readv(pid, &l, 1, &r, 1, 0) == -1 && errno == EFAULT);
	} else {
		CHECK(errno == EPERM);
	}
	int pfd = syscall(SYS_pidfd_open, pid, 0);
	CHECK(pfd >= 0 && write(back[1], "x", 1) == 1);
	siginfo_t si = { 0 };
	CHECK(waitid(3 /* P_PIDFD */, pfd, &si, WEXITED | WNOWAIT) == 0 && si.si_pid == pid &&
	      si.si_code == CLD_EXITED);
	CHECK(wait4(pid, &status, 0, NULL) == pid && (n < 0 || status == 0));
	close(pfd);
}

int main(void)
{
	test_sem();
	test_msg();
	test_shm();
	test_mq();
	test_process_vm();
	return check_result();
}
