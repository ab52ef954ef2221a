/* Files that tell Linux perf what our code is.
 *
 * -perfmap: /tmp/perf-PID.map, one line "address size name" a block.
 * -jitdump: jit-PID.dump in the current folder, for `perf inject --jit`; it
 * holds the code itself, so memory that is used again is told apart by time.
 * perf finds the file by our mapping of its first page as executable; nothing
 * is ever executed there and it is mapped read-only.
 *
 * Format: Linux tools/perf/Documentation/jitdump-specification.txt, version 1.
 * Not written: line tables (there is no guest source).
 * Thread: under jit.lock.
 */
#include "jit/core.h"
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct dump_header {
	u32 magic, version, total_size, elf_mach, pad, pid;
	u64 timestamp, flags;
};

struct dump_load {
	u32 id, total_size;
	u64 timestamp;
	u32 pid, tid;
	u64 vma, code_addr, code_size, code_index;
};

enum { JITDUMP_MAGIC = 0x4a695444, JIT_CODE_LOAD = 0 };

static struct {
	bool want_map, want_dump;
	int map_fd, dump_fd;
	u64 index;
} perf = { .map_fd = -1, .dump_fd = -1 };

static u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

static bool put(int fd, const void *data, size_t len)
{
	return write(fd, data, len) == (ssize_t)len;
}

static int open_map(struct error *err)
{
	char name[64];

	snprintf(name, sizeof name, "/tmp/perf-%d.map", (int)getpid());
	perf.map_fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_APPEND, 0600);
	return perf.map_fd < 0 ? fail(err, errno, "%s: %s", name, strerror(errno)) : 0;
}

static int open_dump(struct error *err)
{
	struct dump_header h = { JITDUMP_MAGIC, 1, sizeof h, EM_X86_64, 0, (u32)getpid(), now_ns(), 0 };
	char name[64];
	void *mark;

	snprintf(name, sizeof name, "jit-%d.dump", (int)getpid());
	perf.dump_fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (perf.dump_fd < 0 || !put(perf.dump_fd, &h, sizeof h))
		return fail(err, errno, "%s: %s", name, strerror(errno));
	mark = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, perf.dump_fd, 0);
	return mark == MAP_FAILED ? fail(err, errno, "%s: mmap: %s", name, strerror(errno)) : 0;
}

static int open_files(struct error *err)
{
	int r = 0;

	if (perf.want_map)
		r = open_map(err);
	if (!r && perf.want_dump)
		r = open_dump(err);
	return r;
}

int perf_init(const struct accel_config *cfg, struct error *err)
{
	perf.want_map = cfg->perfmap;
	perf.want_dump = cfg->jitdump;
	jit.perf = perf.want_map || perf.want_dump;
	return open_files(err);
}

void perf_code(u64 rx, const u8 *rw, u32 len, const char *name)
{
	struct dump_load l = { JIT_CODE_LOAD, (u32)(sizeof l + strlen(name) + 1 + len), now_ns(),
			       (u32)getpid(), (u32)syscall(SYS_gettid), rx, rx, len, ++perf.index };
	char line[160];
	int n;

	if (perf.map_fd >= 0) {
		n = snprintf(line, sizeof line, "%llx %x %s\n", (unsigned long long)rx, len, name);
		if (n < 0 || !put(perf.map_fd, line, (size_t)n))
			perf.map_fd = -1;	/* the disk is full: the rest would be wrong */
	}
	if (perf.dump_fd >= 0 &&
	    !(put(perf.dump_fd, &l, sizeof l) && put(perf.dump_fd, name, strlen(name) + 1) &&
	      put(perf.dump_fd, rw, len)))
		perf.dump_fd = -1;
}

void perf_block(const struct jit_block *b)
{
	char name[64];

	snprintf(name, sizeof name, "guest:0x%llx", (unsigned long long)b->pc);
	if (b->hot_len)
		perf_code(block_code(b), jit_rw(b->hot), b->hot_len, name);
	snprintf(name, sizeof name, "guest-cold:0x%llx", (unsigned long long)b->pc);
	if (b->cold_len)
		perf_code(jit_rx(b->cold), jit_rw(b->cold), b->cold_len, name);
}

static void write_block(struct jit_block *b)
{
	perf_block(b);
}

/* The child has its own files; what it inherited is written again. */
void perf_after_fork(void)
{
	struct error err;

	perf.map_fd = perf.dump_fd = -1;
	if (open_files(&err) < 0) {
		jit.perf = false;
		return;
	}
	for (u32 c = 0; c < jit.chunk_count && jit.chunk[c].since; c++)
		blocks_in_chunk(c, write_block);
}
