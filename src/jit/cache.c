/* Code memory: one memfd seen twice, writable here and executable there, never
 * both; cut into chunks that are filled one after another and given up whole.
 *
 * Where a file cannot be had (no descriptor left, a limit on file sizes) shared
 * anonymous memory takes its place.
 *
 * How it works: everything is reserved as address space and touched as it
 * fills, so a short program pays for a few pages.  A chunk is hot code from its
 * start and cold code from hot_cap on; the split follows what past blocks
 * needed.  When the current chunk is full, a chunk whose code is mostly dropped
 * already is taken again (a guest that regenerates code stays in one chunk),
 * else a fresh one, else the oldest.  Taking a used chunk needs an exclusive
 * section: some vCPU may be inside it.
 *
 * The executable view lies within 2 GiB of our own text when there is room, so that
 * calls between them could be direct; nothing depends on it.
 *
 * fork: the memory is shared, so the parent copies the used part into a second
 * memfd before it forks and the child maps that one in place of the first.
 *
 * Not modelled: huge pages.
 * Thread: jit.lock; fork hooks hold it across the fork.
 */
#include "jit/core.h"
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not in every libc's header: MFD_EXEC of Linux 6.3, MADV_POPULATE_WRITE of 5.14. */
enum { EXECUTABLE = 0x10, POPULATE_WRITE = 23 };
enum { BLOCK_USUAL = 1024 };	/* bytes of most blocks' code, links, ... */

struct jit jit = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* When none is asked for. */
static const u64 DEFAULT_SIZE = 256 * MiB, LEAST_SIZE = 4 * MiB;

/* A file in memory of the cache's size, or -1 (errno set).  A limit on file sizes, ours or one
 * that the guest has set since, would bring SIGXFSZ. */
static int code_file(void)
{
	struct rlimit limit;
	int fd;

	if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur < jit.size) {
		errno = EFBIG;
		return -1;
	}
	fd = memfd_create("mimus-code", MFD_CLOEXEC | EXECUTABLE);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("mimus-code", MFD_CLOEXEC);
	if (fd >= 0 && ftruncate(fd, (off_t)jit.size) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The same without a file. */
static void *code_memory(void)
{
	return mmap(NULL, jit.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/* The executable view: above our text and its heap, or wherever the kernel likes.  Never
 * below: that is the guest's. */
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

/* Both views: of a file, or, when there can be none, of memory (mremap of a shared mapping
 * from size 0 makes a second view of it).  0 or -errno. */
static int map_views(void)
{
	void *rw, *rx;
	int fd = code_file(), r = 0;

	if (fd >= 0) {
		rx = map_rx(fd);
		rw = rx == MAP_FAILED ? MAP_FAILED : mmap(NULL, jit.size, PROT_READ | PROT_WRITE,
							  MAP_SHARED | MAP_NORESERVE, fd, 0);
	} else {
		rw = code_memory();
		rx = rw == MAP_FAILED ? MAP_FAILED : mremap(rw, 0, jit.size, MREMAP_MAYMOVE);
		if (rx != MAP_FAILED && mprotect(rx, jit.size, PROT_READ | PROT_EXEC) < 0)
			r = -errno;
	}
	if (rw == MAP_FAILED || rx == MAP_FAILED)
		r = -errno;
	if (fd >= 0)
		close(fd);
	if (r < 0) {
		if (rw != MAP_FAILED)
			munmap(rw, jit.size);
		if (rx != MAP_FAILED)
			munmap(rx, jit.size);
		return r;
	}
	madvise(rx, jit.size, MADV_DONTDUMP);
	madvise(rw, jit.size, MADV_DONTDUMP);
	jit.rx = (u64)(uintptr_t)rx;
	jit.rw = rw;
	return 0;
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

/* All tables in one stretch: 0 or -ENOMEM. */
static int reserve_tables(void)
{
	u64 n = jit.chunk_count, windows = jit.size / 256, at = 0;
	const struct { void *pointer; u64 bytes; } table[] = {
		{ &jit.block, (n << jit.blocks_shift) * sizeof *jit.block },
		{ &jit.link, (n << jit.links_shift) * sizeof *jit.link },
		{ &jit.active, (n << jit.blocks_shift) * sizeof *jit.active },
		{ &jit.window, windows * sizeof *jit.window },
		{ &jit.granule, COUNTS * sizeof *jit.granule },
		{ &jit.area, COUNTS * sizeof *jit.area },
		{ &jit.note, n << jit.notes_shift },
	};
	u64 bytes = 0;
	u8 *p;

	for (u32 i = 0; i < ARRAY_SIZE(table); i++)
		bytes += align_up(table[i].bytes, 4096);
	p = reserve(bytes);
	if (!p)
		return -ENOMEM;
	for (u32 i = 0; i < ARRAY_SIZE(table); i++) {
		memcpy(table[i].pointer, &(u8 *){ p + at }, sizeof p);
		at += align_up(table[i].bytes, 4096);
	}
	jit.window_mask = (u32)windows - 1;
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

static int try_size(u64 size)
{
	int r;

	choose_sizes(size);
	r = map_views();
	if (!r) {
		r = reserve_tables();
		if (r < 0) {
			munmap(jit.rw, jit.size);
			munmap((void *)(uintptr_t)jit.rx, jit.size);
		}
	}
	return r;
}

int cache_init(u64 size, struct error *err)
{
	u64 want = size ? size : DEFAULT_SIZE;
	int r = try_size(want);

	/* Little address space (ulimit -v, strict overcommit): a size that nobody asked for may be less. */
	while (!size && r == -ENOMEM && want > LEAST_SIZE) {
		want /= 2;
		r = try_size(want);
	}
	if (r == -ENOMEM)
		return fail(err, ENOMEM, "no address space for a code cache of %llu MiB: see -tb-size",
			    (unsigned long long)(jit.size / MiB));
	if (r < 0)
		return fail(err, -r, "the host refuses executable memory (%s): use -accel interp", strerror(-r));
	return 0;
}

void cache_populate(void *p, u64 bytes)
{
	u64 start = align_down((u64)(uintptr_t)p, 4096), end = align_up((u64)(uintptr_t)p + bytes, 4096);

	/* an older kernel does not know it; then they come by faults */
	madvise((void *)(uintptr_t)start, end - start, POPULATE_WRITE);
}

/* After jit.start is known. */
void cache_begin(void)
{
	begin(0);
}

/* The pages behind `used` bytes of an array of `cap`: as many again as there are, for a program may be short,
 * but at most `ahead` bytes. */
static inline void make_ready(void *array, u64 used, u64 cap, u32 ahead, u32 *ready)
{
	u64 to;

	if (likely(used + BLOCK_USUAL <= *ready))
		return;
	to = min_u64(align_up(used + BLOCK_USUAL + min_u64(used, ahead), ahead / 4), cap);
	if (to <= *ready)
		return;
	cache_populate((u8 *)array + *ready, to - *ready);
	*ready = (u32)to;
}

/* Pages for the next block.  The executable view then gets them by fewer faults too. */
static void make_chunk_ready(struct jit_chunk *c, u32 number)
{
	u8 *code = jit_rw(number << jit.chunk_shift);

	make_ready(code, c->hot, c->hot_cap, 64 * KiB, &c->ready[0]);
	make_ready(code + c->hot_cap, c->cold, cache_chunk_size() - c->hot_cap, 16 * KiB, &c->ready[1]);
	make_ready(&jit.block[number << jit.blocks_shift], c->blocks * sizeof *jit.block,
		   sizeof *jit.block << jit.blocks_shift, 32 * KiB, &c->ready[2]);
	make_ready(&jit.link[number << jit.links_shift], c->links * sizeof *jit.link,
		   sizeof *jit.link << jit.links_shift, 16 * KiB, &c->ready[3]);
	make_ready(jit.note + (number << jit.notes_shift), c->notes, 1u << jit.notes_shift, 8 * KiB, &c->ready[4]);
}

bool cache_room(void)
{
	struct jit_chunk *c = &jit.chunk[jit.current];
	u32 base = jit.current << jit.chunk_shift, size = cache_chunk_size();
	u32 cold = c->hot_cap + c->cold;
	struct jit_code *code = &jit.code;

	make_chunk_ready(c, jit.current);
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
	p = code_memory();
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
