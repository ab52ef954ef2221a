/* Code memory: one memfd seen twice, writable here and executable there, never
 * both; cut into chunks that are filled one after another and given up whole.
 *
 * How it works: everything is reserved as address space and touched as it
 * fills, so a short program pays for a few pages.  A chunk is hot code from its
 * start and cold code from hot_cap on; the split follows what past blocks
 * needed.  When the current chunk is full, a chunk whose code is mostly dropped
 * already is taken again (a guest that regenerates code stays in one chunk),
 * else a fresh one, else the oldest.  Taking a used chunk needs an exclusive
 * section: some vCPU may be inside it.
 *
 * The executable view lies within 2 GiB of our own text when there is room, so that calls between them could be
 * direct; nothing depends on it.
 *
 * fork: the memory is shared, so the parent copies the used part into a second
 * memfd before it forks and the child maps that one in place of the first.
 *
 * Not modelled: huge pages; hosts that refuse executable memfds.
 * Thread: jit.lock; fork hooks hold it across the fork.
 */
#include "jit/core.h"
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXECUTABLE = 0x10 };	/* MFD_EXEC of Linux 6.3, not in every libc's header */

struct jit jit = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const u64 DEFAULT_SIZE = 256 * MiB;

static int code_file(void)
{
	int fd = memfd_create("mimus-code", MFD_CLOEXEC | EXECUTABLE);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("mimus-code", MFD_CLOEXEC);
	if (fd >= 0 && ftruncate(fd, (off_t)jit.size) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The executable view: above our text and its heap, or wherever the kernel likes.  Never below: that is the guest's. */
static void *map_rx(int fd)
{
	u64 text = align_down((u64)(uintptr_t)map_rx, 2 * MiB);
	void *p = MAP_FAILED;

	for (u64 at = text + 512 * MiB; at + jit.size < text + 2 * GiB && p == MAP_FAILED; at += 64 * MiB)
		p = mmap((void *)(uintptr_t)at, jit.size, PROT_READ | PROT_EXEC,
			 MAP_SHARED | MAP_NORESERVE | MAP_FIXED_NOREPLACE, fd, 0);
	if (p == MAP_FAILED)
		p = mmap(NULL, jit.size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_NORESERVE, fd, 0);
	return p;
}

/* Address space that reads as zero. */
static void *reserve(u64 bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, bytes, MADV_DONTDUMP);
	return p;
}

static int reserve_tables(struct error *err)
{
	u64 n = jit.chunk_count, windows = jit.size / 256;

	jit.window_mask = (u32)windows - 1;
	jit.block = reserve((n << jit.blocks_shift) * sizeof *jit.block);
	jit.link = reserve((n << jit.links_shift) * sizeof *jit.link);
	jit.note = reserve(n << jit.notes_shift);
	jit.active = reserve((n << jit.blocks_shift) * sizeof *jit.active);
	jit.window = reserve(windows * sizeof *jit.window);
	jit.granule = reserve(COUNTS * sizeof *jit.granule);
	jit.area = reserve(COUNTS * sizeof *jit.area);
	if (!jit.block || !jit.link || !jit.note || !jit.active || !jit.window || !jit.granule ||
	    !jit.area)
		return fail(err, ENOMEM, "no address space for the tables of a code cache of %llu MiB: "
			    "see -tb-size", (unsigned long long)(jit.size / MiB));
	return 0;
}

u32 cache_chunk_size(void)
{
	return 1u << jit.chunk_shift;
}

/* Make chunk i the current one, empty. */
static void begin(u32 i)
{
	struct jit_chunk *c = &jit.chunk[i];
	u64 hot = jit.count.hot_bytes + 7 * 1024, cold = jit.count.cold_bytes + 3 * 1024;
	u64 size = cache_chunk_size(), cap = size * hot / (hot + cold);

	*c = (struct jit_chunk){ .blocks = 1, .links = 1, .notes = 1 };
	c->hot = i ? 0 : jit.start;
	c->hot_cap = (u32)align_down(min_u64(max_u64(cap, size / 2), size - size / 8), 4096);
	c->since = ++jit.fills;
	jit.current = i;
}

/* Power-of-two sizes, so that shifts find everything. */
static void choose_sizes(u64 size)
{
	if (!size)
		size = DEFAULT_SIZE;
	size = max_u64(min_u64(size, 2 * GiB), JIT_TB_SIZE_MIN);
	jit.size = 1ull << (63 - (u32)__builtin_clzll(size));
	jit.chunk_shift = CHUNK_SHIFT_MAX;
	while (jit.chunk_shift > CHUNK_SHIFT_MIN && jit.size >> jit.chunk_shift < 8)
		jit.chunk_shift--;
	jit.chunk_count = (u32)(jit.size >> jit.chunk_shift);
	assert(jit.chunk_count <= CHUNKS_MAX);
	jit.blocks_shift = jit.chunk_shift - 6;
	jit.links_shift = jit.chunk_shift - 5;
	jit.notes_shift = jit.chunk_shift - 1;
}

int cache_init(u64 size, struct error *err)
{
	void *rw, *rx;
	int fd;

	choose_sizes(size);
	fd = code_file();
	if (fd < 0)
		return fail(err, errno, "no memory for translated code (memfd_create: %s): use -accel interp",
			    strerror(errno));
	rx = map_rx(fd);
	if (rx == MAP_FAILED) {
		int e = errno;

		close(fd);
		return fail(err, e, "the host refuses executable memory (%s): use -accel interp", strerror(e));
	}
	rw = mmap(NULL, jit.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
	close(fd);
	if (rw == MAP_FAILED)
		return fail(err, errno, "no address space for a code cache of %llu MiB: see -tb-size",
			    (unsigned long long)(jit.size / MiB));
	madvise(rx, jit.size, MADV_DONTDUMP);
	madvise(rw, jit.size, MADV_DONTDUMP);
	jit.rx = (u64)(uintptr_t)rx;
	jit.rw = rw;
	return reserve_tables(err);
}

/* After jit.start is known. */
void cache_begin(void)
{
	begin(0);
}

bool cache_room(void)
{
	const struct jit_chunk *c = &jit.chunk[jit.current];
	u32 base = jit.current << jit.chunk_shift, size = cache_chunk_size();
	u32 cold = c->hot_cap + c->cold;
	struct jit_code *code = &jit.code;

	code->hot = (struct jit_span){ jit_rw(base + c->hot), jit_rx(base + c->hot),
				       (u32)min_u64(c->hot_cap - c->hot, BLOCK_CODE_MAX), 0 };
	code->cold = (struct jit_span){ jit_rw(base + cold), jit_rx(base + cold),
					(u32)min_u64(size - cold, BLOCK_CODE_MAX), 0 };
	code->first_link = (jit.current << jit.links_shift) + c->links;
	code->link_count = code->point_count = code->pend_count = 0;
	return code->hot.cap >= 256 && code->cold.cap >= 256 &&
	       c->blocks < 1u << jit.blocks_shift &&
	       c->links + JIT_LINKS_MAX <= 1u << jit.links_shift;
}

/* Was filled, and little of it is left: worth a stop of all vCPUs. */
static bool mostly_dropped(const struct jit_chunk *c)
{
	return c->hot > cache_chunk_size() / 16 && c->dropped > c->hot / 4 * 3;
}

/* The chunk to fill next; *ret_used: it holds code. */
static u32 choose(bool *ret_used)
{
	u32 oldest = 0, unused = jit.chunk_count;

	*ret_used = true;
	for (u32 i = 0; i < jit.chunk_count; i++) {
		const struct jit_chunk *c = &jit.chunk[i];

		if (!c->since) {
			unused = i;
			break;		/* they are begun in order */
		}
		if (mostly_dropped(c))
			return i;
		if (c->since < jit.chunk[oldest].since)
			oldest = i;
	}
	if (unused == jit.chunk_count)
		return oldest;
	*ret_used = false;
	return unused;
}

int cache_next(void)
{
	bool used;
	u32 i = choose(&used);

	if (used)
		return -EAGAIN;
	begin(i);
	return 0;
}

static void give_up(struct jit_block *b)
{
	if (!(block_flags(b) & (BLOCK_DROPPED | BLOCK_ONCE)))
		block_drop(b);
}

/* Other processors may have fetched the old bytes ahead: make each pass a serialising instruction. */
static void sync_cores(void)
{
	if (!jit.sync_core) {
		jit.sync_core = true;
		syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
	}
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
}

void cache_evict(void)
{
	bool used;
	u32 i = choose(&used);

	if (used) {
		blocks_in_chunk(i, give_up);
		jumps_forget_all();
		jit.count.evictions++;
	}
	begin(i);
	if (used)
		sync_cores();
}

/* ---- fork ---- */

/* The child's code memory, filled by the parent: a file, or memory when no descriptor is left. */
static int fork_fd = -1;
static u8 *fork_memory;

static bool copy_range(u64 off, u64 len)
{
	if (fork_fd < 0) {
		memcpy(fork_memory + off, jit.rw + off, len);
		return true;
	}
	while (len) {
		ssize_t n = pwrite(fork_fd, jit.rw + off, len, (off_t)off);

		if (n <= 0)
			return false;
		off += (u64)n;
		len -= (u64)n;
	}
	return true;
}

static bool copy_used(void)
{
	for (u32 i = 0; i < jit.chunk_count && jit.chunk[i].since; i++) {
		const struct jit_chunk *c = &jit.chunk[i];
		u64 base = (u64)i << jit.chunk_shift;

		if (!copy_range(base, c->hot) || !copy_range(base + c->hot_cap, c->cold))
			return false;
	}
	return true;
}

void jit_fork_prepare(void)
{
	void *p;

	jit_lock();
	fork_fd = code_file();
	if (fork_fd >= 0 && copy_used())
		return;
	if (fork_fd >= 0)
		close(fork_fd);
	fork_fd = -1;
	p = mmap(NULL, jit.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
		 -1, 0);
	fork_memory = p == MAP_FAILED ? NULL : p;
	if (fork_memory)
		copy_used();
}

static void fork_done(void)
{
	if (fork_fd >= 0)
		close(fork_fd);
	fork_fd = -1;
	fork_memory = NULL;
}

void jit_fork_parent(void)
{
	if (fork_memory)
		munmap(fork_memory, jit.size);
	fork_done();
	jit_unlock();
}

static bool take_file(void *rx)
{
	const int flags = MAP_SHARED | MAP_NORESERVE | MAP_FIXED;

	return mmap(jit.rw, jit.size, PROT_READ | PROT_WRITE, flags, fork_fd, 0) != MAP_FAILED &&
	       mmap(rx, jit.size, PROT_READ | PROT_EXEC, flags, fork_fd, 0) != MAP_FAILED;
}

/* mremap of a shared mapping from size 0 makes a second view of it. */
static bool take_memory(void *rx)
{
	const int flags = MREMAP_MAYMOVE | MREMAP_FIXED;

	return fork_memory &&
	       mremap(fork_memory, jit.size, jit.size, flags, jit.rw) != MAP_FAILED &&
	       mremap(jit.rw, 0, jit.size, flags, rx) != MAP_FAILED &&
	       !mprotect(rx, jit.size, PROT_READ | PROT_EXEC);
}

void jit_fork_child(struct vcpu *self UNUSED)
{
	void *rx = (void *)(uintptr_t)jit.rx;

	pthread_mutex_init(&jit.lock, NULL);
	if (!(fork_fd >= 0 ? take_file(rx) : take_memory(rx)))
		panic("no memory for the translated code of a new process: %s", strerror(errno));
	fork_done();
	jit.sync_core = false;
	if (jit.perf)
		perf_after_fork();
}
