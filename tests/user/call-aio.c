/* io_uring and aio by raw calls: rings mapped by the guest, reads and writes, refused path
 * operations, events. */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static struct io_uring_params params;
static char *sq, *cq;
static struct io_uring_sqe *sqes;
static int ring;
#define SQ(f) ((uint32_t *)(sq + params.sq_off.f))
#define CQ(f) ((uint32_t *)(cq + params.cq_off.f))

static int submit(struct io_uring_sqe *e)
{
	uint32_t tail = *SQ(tail), mask = *SQ(ring_mask), head;
	struct io_uring_cqe *c;
	int r;

	sqes[tail & mask] = *e;
	SQ(array)[tail & mask] = tail & mask;
	__atomic_store_n(SQ(tail), tail + 1, __ATOMIC_RELEASE);
	CHECK(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1);
	head = *CQ(head);
	NEED(head != __atomic_load_n(CQ(tail), __ATOMIC_ACQUIRE));
	c = (struct io_uring_cqe *)(cq + params.cq_off.cqes) + (head & *CQ(ring_mask));
	CHECK(c->user_data == e->user_data);
	r = c->res;
	__atomic_store_n(CQ(head), head + 1, __ATOMIC_RELEASE);
	return r;
}

static void test_uring(void)
{
	struct { struct io_uring_probe p; struct io_uring_probe_op ops[64]; } probe = { 0 };
	char buf[16] = "ring data", back[16] = "";
	struct iovec v = { back, 16 };
	int fd;

	ring = syscall(SYS_io_uring_setup, 8, &params);
	if (ring < 0) {
		CHECK(errno == ENOSYS || errno == EPERM);
		return;
	}
	CHECK(!(params.flags & IORING_SETUP_R_DISABLED) && params.sq_entries == 8);
	sq = mmap(NULL, params.sq_off.array + params.sq_entries * 4, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_POPULATE, ring,
		  IORING_OFF_SQ_RING);
	cq = mmap(NULL, params.cq_off.cqes + params.cq_entries * 16, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_POPULATE, ring,
		  IORING_OFF_CQ_RING);
	sqes = mmap(NULL, params.sq_entries * 64, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		    ring, IORING_OFF_SQES);
	NEED(sq != MAP_FAILED && cq != MAP_FAILED && sqes != MAP_FAILED);
	fd = memfd_create("uring", 0);
	CHECK(submit(&(struct io_uring_sqe){ .opcode = IORING_OP_NOP, .user_data = 1 }) == 0);
	CHECK(submit(&(struct io_uring_sqe){ .opcode = IORING_OP_WRITE, .fd = fd, .addr = (uintptr_t)buf, .len = 10,
					     .user_data = 2 }) == 10);
	CHECK(submit(&(struct io_uring_sqe){ .opcode = IORING_OP_READV, .fd = fd, .addr = (uintptr_t)&v, .len = 1,
					     .user_data = 3 }) == 10);
	CHECK(!strcmp(back, "ring data"));
	CHECK(submit(&(struct io_uring_sqe){ .opcode = IORING_OP_READ, .fd = fd, .addr = 8, .len = 4,
					     .user_data = 4 }) == -EFAULT);
	if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_PROBE, &probe, 64) == 0) {
		CHECK(probe.ops[IORING_OP_READ].flags & IO_URING_OP_SUPPORTED);
#ifdef __riscv
		CHECK(!(probe.ops[IORING_OP_OPENAT].flags & IO_URING_OP_SUPPORTED));
		CHECK(submit(&(struct io_uring_sqe){ .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD,
						     .addr = (uintptr_t)"/",
						     .user_data = 5 }) == -EACCES);
#endif
	}
	close(fd);
	close(ring);
}

static void test_aio(void)
{
	aio_context_t ctx = 0;
	char buf[16] = "aio data", back[16] = "";
	int fd = memfd_create("aio", 0);
	struct iocb w = { .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = fd, .aio_buf =
	(uintptr_t)buf, .aio_nbytes = 9,
			  .aio_data = 11 };
	struct iocb r = { .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = fd, .aio_buf =
	(uintptr_t)back, .aio_nbytes = 16,
			  .aio_data = 22 };
	struct iocb *list[] = { &w }, *list2[] = { &r };
	struct io_event ev[2];

	if (syscall(SYS_io_setup, 4, &ctx) < 0) {
		CHECK(errno == ENOSYS);
		return;
	}
	/* the ring is the guest's to read */
	CHECK(((uint32_t *)ctx)[4] == 0xa10a10a1);
	CHECK(syscall(SYS_io_submit, ctx, 1, list) == 1 && syscall(SYS_io_getevents, ctx, 1, 2, ev, NULL) == 1);
	CHECK(ev[0].data == 11 && ev[0].res == 9);
	CHECK(syscall(SYS_io_submit, ctx, 1, list2) == 1 && syscall(SYS_io_getevents, ctx, 1, 2, ev, NULL) == 1);
	CHECK(ev[0].data == 22 && ev[0].res == 9 && !strcmp(back, "aio data"));
	CHECK(syscall(SYS_io_submit, ctx, 1, 8) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_io_destroy, ctx) == 0);
	CHECK(syscall(SYS_io_destroy, ctx) == -1 && errno == EINVAL);
	close(fd);
}

int main(void)
{
	test_uring();
	test_aio();
	return check_result();
}
