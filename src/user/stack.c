/* The first stack of a program: arguments, environment, auxiliary vector.
 *
 *   stack_high  8 zero bytes
 *               program's name (AT_EXECFN)
 *   env_end     strings of the environment
 *   arg_end     strings of the arguments
 *   arg_start   platform name, 16 random bytes, up to 16 alignment
 *               auxv, 0, envp..., 0, argv..., argc   <- sp, 16-aligned
 *
 * The whole stack is mapped at once without touching it: RLIMIT_STACK, -s, or 1 GiB where there is
 * no limit, and room below for a limit that is raised later.  The kernel is told where arguments,
 * environment and auxv are, so that ps and /proc/PID show the guest's; where it refuses
 * (CONFIG_CHECKPOINT_RESTORE is off) proc.c shows them to the guest alone.
 * Main thread, before the guest runs.
 * Spec: System V ABI, 3.4.1 "initial stack"; getauxval(3).
 */
#include "user/fake.h"
#include "user/mm.h"
#include "base/hash.h"
#include <linux/prctl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_UNLIMITED GiB
#define STACK_LIMIT (16 * GiB)

enum { MINSIGSTKSZ_TYPE = 51 };	/* AT_MINSIGSTKSZ, newer than some headers */
enum { AUX_MAX = 40, MIN_STACK = 128 << 10, SIGNAL_STACK = 2048 };

struct builder {
	gva at;			/* lowest byte used */
	u32 word;		/* 4 or 8 */
	u64 aux[AUX_MAX][2];
	u32 aux_count;
};

u64 stack_size(void)
{
	struct rlimit limit;
	u64 size = process.cfg->stack_size;

	if (!size) {
		size = 8 * MiB;
		if (!getrlimit(RLIMIT_STACK, &limit))
			size = limit.rlim_cur == RLIM_INFINITY ? STACK_UNLIMITED : limit.rlim_cur;
	}
	size = min_u64(size, min_u64(STACK_LIMIT, guest_va_end / 4));
	return align_up(max_u64(size, MIN_STACK), GUEST_PAGE);
}

static int map_stack(u64 size, struct error *err)
{
	const u32 prot = PROT_READ | PROT_WRITE | (process.exec_stack ? PROT_EXEC : 0);
	const gva low = mm_layout.stack_top - size;
	i64 r = mm_mmap(low, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE |
			MAP_GROWSDOWN | MAP_STACK, -1, 0);

	if (r < 0)
		return fail(err, (int)-r, "no memory for a stack of %llu KiB: %s", (unsigned long long)(size / KiB),
			    strerror((int)-r));
	process.stack_low = low;
	process.stack_high = mm_layout.stack_top;
	return 0;
}

static u64 bytes_of(char *const *list, u64 *ret_count)
{
	u64 bytes = 0;

	for (*ret_count = 0; list[*ret_count]; ++*ret_count)
		bytes += strlen(list[*ret_count]) + 1;
	return bytes;
}

static void put(gva va, const void *from, u64 len)
{
	int r = guest_write(va, from, len);

	assert(r == 0);		/* the stack was mapped for it */
}

static gva push_string(struct builder *b, const char *s)
{
	b->at -= strlen(s) + 1;
	put(b->at, s, strlen(s) + 1);
	return b->at;
}

static void put_word(struct builder *b, gva *at, u64 v)
{
	put(*at, &v, b->word);	/* little-endian */
	*at += b->word;
}

static void aux(struct builder *b, u64 type, u64 value)
{
	assert(b->aux_count < AUX_MAX);
	b->aux[b->aux_count][0] = type;
	b->aux[b->aux_count++][1] = value;
}

/* 16 bytes: the same again for the same -seed. */
static gva push_random(struct builder *b)
{
	u64 v[2] = { 0, 0 };

	if (process.cfg->seed_set) {
		v[0] = hash_u64(process.cfg->seed + 0x9e3779b97f4a7c15u);
		v[1] = hash_u64(v[0] + 0x9e3779b97f4a7c15u);
	} else if (getrandom(v, sizeof v, GRND_NONBLOCK) != sizeof v) {
		v[0] = hash_u64((u64)getpid() ^ (u64)(uintptr_t)b);
	}
	b->at = align_down(b->at - sizeof v, 16);
	put(b->at, v, sizeof v);
	return b->at;
}

static void fill_aux(struct builder *b, gva execfn)
{
	const struct linux_abi *abi = process.abi;
	gva platform = abi->platform ? push_string(b, abi->platform) : 0;
	gva random = push_random(b);

	if (process.vdso)
		aux(b, AT_SYSINFO_EHDR, process.vdso);
	aux(b, AT_HWCAP, abi->hwcap ? abi->hwcap(process.cfg->cpu->model) : 0);
	aux(b, AT_PAGESZ, GUEST_PAGE);
	aux(b, AT_CLKTCK, abi->hz ? abi->hz : 100);
	aux(b, AT_PHDR, process.phdr);
	aux(b, AT_PHENT, process.phent);
	aux(b, AT_PHNUM, process.phnum);
	aux(b, AT_BASE, process.interp_base);
	aux(b, AT_FLAGS, 0);
	aux(b, AT_ENTRY, process.program_entry);
	aux(b, AT_UID, fake_aux(AT_UID));
	aux(b, AT_EUID, fake_aux(AT_EUID));
	aux(b, AT_GID, fake_aux(AT_GID));
	aux(b, AT_EGID, fake_aux(AT_EGID));
	aux(b, AT_SECURE, fake_aux(AT_SECURE));
	aux(b, AT_RANDOM, random);
	if (abi->hwcap2)
		aux(b, AT_HWCAP2, abi->hwcap2(process.cfg->cpu->model));
	aux(b, MINSIGSTKSZ_TYPE, SIGNAL_STACK);
	aux(b, AT_EXECFN, execfn);
	if (platform)
		aux(b, AT_PLATFORM, platform);
	aux(b, AT_NULL, 0);
}

/* Pointers to count strings that lie one behind the other from va on. */
static void put_pointers(struct builder *b, gva *at, gva va, char *const *list)
{
	for (; *list; list++) {
		put_word(b, at, va);
		va += strlen(*list) + 1;
	}
	put_word(b, at, 0);
}

static gva put_strings(gva va, char *const *list)
{
	for (; *list; list++) {
		put(va, *list, strlen(*list) + 1);
		va += strlen(*list) + 1;
	}
	return va;
}

/* Show the guest's words in the host's /proc/PID.  Heap bounds must be ours and stay as they are. */
static void tell_kernel(void)
{
	const u64 brk = (u64)syscall(SYS_brk, 0);
	struct prctl_mm_map m = {
		.start_code = guest_base + process.program_entry, .end_code = guest_base + process.program_entry + 1,
		.start_data = guest_base + process.program_entry, .end_data = guest_base + process.program_entry + 1,
		.start_brk = brk, .brk = brk,
		.start_stack = guest_base + process.stack_start,
		.arg_start = guest_base + process.arg_start, .arg_end = guest_base + process.arg_end,
		.env_start = guest_base + process.env_start, .env_end = guest_base + process.env_end,
		.auxv = guest_ptr(process.auxv), .auxv_size = process.auxv_len,
		.exe_fd = (u32)-1,
	};

	process.host_shows_args = prctl(PR_SET_MM, PR_SET_MM_MAP, &m, sizeof m, 0) == 0;
}

gva stack_build(struct error *err)
{
	char *const *argv = process.cfg->argv, *const *envp = process.cfg->envp;
	struct builder b = { .word = process.target->elf_class == 2 ? 8 : 4 };
	u64 argc, envc, strings, size = stack_size();
	gva at, sp, execfn;

	strings = bytes_of(argv, &argc);
	strings += bytes_of(envp, &envc);
	if (strings + (argc + envc) * b.word + 64 * KiB > size) {
		fail(err, E2BIG, "arguments and environment do not fit a stack of %llu KiB",
		     (unsigned long long)(size / KiB));
		return 0;
	}
	if (map_stack(size, err) < 0)
		return 0;
	b.at = process.stack_high - 8;
	execfn = push_string(&b, process.execfn);
	b.at -= strings;
	process.arg_start = b.at;
	process.arg_end = process.env_start = put_strings(b.at, argv);
	process.env_end = put_strings(process.env_start, envp);
	fill_aux(&b, execfn);
	sp = b.at - (u64)b.aux_count * 2 * b.word - (argc + envc + 3) * b.word;
	sp = align_down(sp, 16);
	at = sp;
	put_word(&b, &at, argc);
	put_pointers(&b, &at, process.arg_start, argv);
	put_pointers(&b, &at, process.env_start, envp);
	process.stack_start = sp;
	process.auxv = at;
	for (u32 i = 0; i < b.aux_count; i++) {
		put_word(&b, &at, b.aux[i][0]);
		put_word(&b, &at, b.aux[i][1]);
	}
	process.auxv_len = b.aux_count * 2 * b.word;
	tell_kernel();
	return sp;
}
