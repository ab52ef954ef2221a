/* The same cases through another emulator of riscv64 Linux programs.
 *
 * Cases run here first, through the interpreter.  Those that get to their end, or
 * to a fault for which Linux sends a signal, become pieces of one ELF program (elf.c);
 * what it writes is compared with what the interpreter computed.  Our CPU model
 * is cut down to what the other emulator's -cpu knows.  A case that differs is
 * made smaller one program at a time.
 *
 * Not tested this way: faults far from the data pages, system calls, one register a case (the one that
 * points to where the results go).
 */
#include "diff.h"
#include "base/bits.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 1500, OUT_BYTES = ELF_OUT_WORDS * 8, SHOWN = 12 };

struct piece {
	struct diff_case c;
	u64 start[STATE_WORDS], want[ELF_OUT_WORDS];
	u32 keep;
	u8 fflags;
};

static const struct diff_qemu *q;
static char path[256], cpu_text[400];
static struct piece pieces[BATCH];
static u8 data[DATA_BYTES];
static u64 different, same, count_known;

/* What they do otherwise, and we think wrongly: not counted.  `text` is in the disassembly. */
static const struct known {
	const char *emulator, *text, *why;
} known[] = {
	/* QEMU 7.2 counts in the whole register when the low word is 0, fixed in 8.0: "if the
	 * least-significant word is 0, the result is 32" (bit-manipulation 1.0.0, ctzw). */
	{ "qemu", "ctzw", "counts past bit 31" },
	/* QEMU 7.2 looks at the reservation first: "if the address is not naturally aligned, an address-misaligned
	 * exception or an access-fault exception will be generated" (20191213, 8.2). */
	{ "qemu", "sc.", "a misaligned SC without a reservation fails and does not trap" },
	{ NULL, NULL, NULL },
};

/* Extensions that -cpu of another emulator may lack; ours are turned off then. */
static const struct {
	const char *ours, *theirs;
} optional[] = {
	{ "zba", "zba" },	{ "zbb", "zbb" },	{ "zbc", "zbc" },
	{ "zbs", "zbs" },	{ "zfhmin", "zfhmin" }, { "zfhmin", "Zfhmin" },
	{ "zawrs", "zawrs" },	{ "zicond", "zicond" }, { "zicboz", "zicboz" },
	{ "zicbom", "zicbom" },
};

/* ---- running the other emulator ---- */

static bool is_ours(void) { return strstr(q->emulator, "mimus") != NULL; }

/* Run the program at `path`; its output into buf (NULL: to nowhere).  Bytes got, or -1 when it did
 * not end with 0. */
static i64 run_program(u8 *buf, u64 size)
{
	int ends[2], status;
	u64 got = 0;
	ssize_t n;
	pid_t child;

	if (pipe(ends) < 0)
		return -1;
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(buf ? ends[1] : null, 1);
		if (!buf)
			dup2(null, 2);
		signal(SIGVTALRM, SIG_DFL);
		alarm(buf && size > OUT_BYTES ? 60 : 3);	/* one that hangs is killed */
		if (is_ours())
			execlp(q->emulator, q->emulator, path, (char *)NULL);
		else
			execlp(q->emulator, q->emulator, "-cpu", cpu_text, path, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	while (buf && got < size) {
		n = read(ends[0], buf + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (u64)n;
	}
	close(ends[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status) && buf)
		printf("%s: signal %d\n", q->emulator, WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? (i64)got : -1;
}

/* ---- pieces ---- */

/* The signal that Linux sends for r; false: none that a piece should have. */
static bool expect_signal(struct piece *p, const struct diff_result *r)
{
	const gva window = 16 * 4096;

	if (r->exit == EXIT_ILLEGAL || r->exit == EXIT_BREAK) {
		p->want[66] = r->exit == EXIT_BREAK ? SIGTRAP | TRAP_BRKPT << 8 : SIGILL | ILL_ILLOPC << 8;
		p->want[67] = r->pc;
		return true;
	}
	/* only where there is as little in the program's address space as in ours */
	if (r->exit != EXIT_FAULT || r->wild || r->fault_access == ACCESS_FETCH ||
	    (r->fault_addr >= window && r->fault_addr - (DATA_AT - window) >= 2 * window + DATA_BYTES))
		return false;
	p->want[66] = (u64)r->fault_signal | (u64)r->fault_code << 8;
	p->want[67] = r->fault_addr;
	return true;
}

/* Run p here.  False: it does not get to its end quietly. */
static bool expect(struct piece *p, u64 out)
{
	static struct diff_result r;
	struct diff_state s = { .excl_addr = ~0ull, .fflags = p->fflags };
	struct diff_case c = p->c;

	memcpy(s.words, p->start, sizeof s.words);
	memcpy(s.data, data, DATA_BYTES);
	s.words[p->keep] = out;
	if (c.len + 4 > CODE_MAX)
		return false;
	put_le32(c.code + c.len, 0x00100073); /* ebreak */
	c.len += 4;
	run_state(run.a, &c, &s, &r);
	run.a->accel->invalidate(c.pc, c.len);
	p->want[66] = p->want[67] = 0;
	if (r.end.words[p->keep] != out)
		return false;
	if ((r.exit != EXIT_BREAK || r.pc != c.pc + p->c.len) && !expect_signal(p, &r))
		return false;
	memcpy(p->want, r.end.words, 64 * 8);
	if (p->want[66])
		p->want[0] = r.pc;
	p->want[64] = r.end.fflags | r.end.words[64] << 5;
	p->want[65] = elf_hash(r.end.data);
	return true;
}

static void add(struct elf_maker *m, const struct piece *p)
{
	elf_add(m, p->c.code, p->c.len, p->keep, p->start, p->fflags | (u32)p->start[64] << 5);
}

static bool make_piece(struct piece *p, struct elf_maker *m, u64 seed, u64 features)
{
	static struct diff_state s;
	struct rng r = { mix(seed, 77) };
	static const u8 keeps[] = { 1, 3, 4, 5, 7, 18, 27, 31, 16, 28 };
	struct diff_wish wish = { .line = q->line,
				  .features = features,
				  .pc = elf_next_pc(m),
				  .max_insns = 40,
				  .tame = true,
				  .faults = below(&r, 2) };
	const struct insn_set *set = run.guest->set;

	while (!wish.line || wish.line->feature & ~features)
		wish.line = &set->begin[below(&r, (u32)(set->end - set->begin))];
	p->keep = wish.keep = keeps[below(&r, ARRAY_SIZE(keeps))];
	run.guest->make(&p->c, seed, &wish);
	run.guest->state(&p->c, 0, &s);
	memcpy(p->start, s.words, sizeof p->start);
	p->fflags = s.fflags;
	return expect(p, elf_next_out(m));
}

/* ---- a difference ---- */

static const char *out_name(u32 i, u64 signal)
{
	static const char *const extra[] = { "fcsr", "data", "signal, code", "address" };

	if (i >= 64)
		return extra[i - 64];
	return i ? word_name(i) : signal ? "pc" : "zero";
}

static bool first_difference(const struct piece *p, const u8 *out, struct str *s)
{
	bool bad = false;

	for (u32 i = 0; i < ELF_OUT_WORDS; i++) {
		u64 got = get_le64(out + i * 8);

		if (got == p->want[i])
			continue;
		bad = true;
		str_add(s, "  %-5s %016llx  %016llx\n", out_name(i, p->want[66]),
			(unsigned long long)p->want[i], (unsigned long long)got);
	}
	return bad;
}

/* p alone, at the start of a program. */
static bool differs_alone(struct piece *p, struct str *s)
{
	struct elf_maker *m = elf_new(data);
	struct error err = { 0 };
	u8 out[OUT_BYTES];
	gva pc = elf_next_pc(m);
	bool bad = false;
	i64 n = -2;

	p->c.label += pc - p->c.pc;
	p->c.pc = pc;
	for (u32 i = 0; i < 32; i++)
		if (p->c.role[i] == ROLE_LABEL)
			p->start[i] = p->c.label;
	if (expect(p, elf_next_out(m))) {
		add(m, p);
		if (elf_write(m, path, &err) == 0)
			n = run_program(out, sizeof out);
		if (n == OUT_BYTES) {
			bad = first_difference(p, out, s);
		} else if (n != -2) {
			str_add(s, "  the other emulator died\n");
			bad = true;
		}
	}
	elf_free(m);
	return bad;
}

static bool differs_quietly(struct piece *p)
{
	char buf[4096];
	struct str s = STR(buf);

	return differs_alone(p, &s);
}

static void shrink(struct piece *p)
{
	struct piece less;

	for (u32 i = 0; i < p->c.count; i++) {
		less = *p;
		run.guest->drop(&less.c, i);
		if (memcmp(less.c.code, p->c.code, p->c.len) && differs_quietly(&less))
			*p = less;
	}
	for (u32 i = 1; i < STATE_WORDS; i++) {
		less = *p;
		less.start[i] = 0;
		if (p->start[i] && differs_quietly(&less))
			*p = less;
	}
}

static void show(const struct piece *given, const u8 *out)
{
	static struct piece p;
	struct diff_state s = { .excl_addr = ~0ull };
	char buf[4096];
	struct str text = STR(buf);

	p = *given;
	buf[0] = 0;
	if (differs_quietly(&p)) {
		shrink(&p);
		differs_alone(&p, &text);
	} else {
		p = *given;
		first_difference(&p, out, &text);
		str_add(&text, "  (not when it is run alone)\n");
	}
	different++;
	printf("\ndifferent: case 0x%llx\ncode:\n", (unsigned long long)p.c.seed);
	print_code(&p.c);
	memcpy(s.words, p.start, sizeof s.words);
	s.fflags = p.fflags;
	printf("start:\n");
	print_state(&s);
	printf("result %-16s  %s\n%s", run.a->accel->name, q->emulator, buf);
	fflush(stdout);
}

/* ---- batches ---- */

/* Not looked into further: making it smaller takes many runs. */
static bool is_known(const struct piece *p)
{
	for (u32 i = 0; i < p->c.count; i++) {
		char text[100];

		run.target->disassemble(run.model, 0, p->c.code + p->c.at[i],
					(u32)(p->c.at[i + 1] - p->c.at[i]), text, sizeof text);
		for (u32 k = 0; known[k].emulator; k++)
			if (strstr(q->emulator, known[k].emulator) && strstr(text, known[k].text))
				return true;
	}
	return false;
}

static int batch(u64 *seed_number, u64 features, u32 wanted)
{
	struct elf_maker *m = elf_new(data);
	struct error err = { 0 };
	u32 n = 0;
	u8 *out;
	i64 got;

	while (n < wanted) {
		if (make_piece(&pieces[n], m, mix(q->seed, ++*seed_number), features))
			add(m, &pieces[n++]);
	}
	if (elf_write(m, q->keep ? q->keep : path, &err) < 0) {
		printf("%s\n", err.text);
		return -EIO;
	}
	if (q->keep)
		snprintf(path, sizeof path, "%s", q->keep);
	out = xcalloc(n, OUT_BYTES);
	got = run_program(out, (u64)n * OUT_BYTES);
	elf_free(m);
	if (got != (i64)n * OUT_BYTES) {
		printf("%s: wrote %lld bytes instead of %lld\n", q->emulator, (long long)got,
		       (long long)n * OUT_BYTES);
		different++;
		for (u32 i = 0; i < n; i++) /* which one kills it? */
			if (differs_quietly(&pieces[i]))
				show(&pieces[i], out);
		free(out);
		return different < SHOWN ? 0 : -EIO;
	}
	for (u32 i = 0; i < n; i++) {
		char buf[4096];
		struct str s = STR(buf);

		if (!first_difference(&pieces[i], out + (u64)i * OUT_BYTES, &s))
			same++;
		else if (is_known(&pieces[i]))
			count_known++;
		else if (different < SHOWN)
			show(&pieces[i], out + (u64)i * OUT_BYTES);
	}
	free(out);
	return 0;
}

/* What of our extensions the other one has: its -cpu text, and our model in run.model. */
static int agree_on_cpu(struct error *err)
{
	struct elf_maker *m = elf_new(data);
	char ours[400];
	struct str mine = STR(ours), theirs = STR(cpu_text);
	int r;

	if (elf_write(m, path, err) < 0)
		return -EIO;
	elf_free(m);
	str_puts(&mine, "rv64");
	str_puts(&theirs, "rv64");
	for (u32 i = 0; i < ARRAY_SIZE(optional) && !is_ours(); i++) {
		size_t was = theirs.len;
		bool has;

		str_add(&theirs, ",%s=true", optional[i].theirs);
		has = run_program(NULL, 0) >= 0;
		if (!has) {
			theirs.len = was;
			cpu_text[was] = 0;
		}
		str_add(&mine, ",%s=%s", optional[i].ours, has ? "true" : "false");
	}
	if (run_program(NULL, 0) < 0)
		return fail(err, ENOENT, "cannot run '%s'", q->emulator);
	r = run_choose(q->cpu ? q->cpu : ours, err);
	if (r < 0)
		return r;
	run.a->cpu_model = run.model;
	printf("comparing %s with %s -cpu %s\n", ours, q->emulator,
	       is_ours() ? "(default)" : cpu_text);
	return 0;
}

int qemu_main(const struct diff_qemu *given)
{
	struct rng r = { mix(given->seed, 99) };
	struct error err = { 0 };
	time_t start = time(NULL);
	u64 n = 0;

	q = given;
	snprintf(path, sizeof path, "%s/mimus-diff-%d.elf",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (int)getpid());
	for (u32 i = 0; i < DATA_BYTES; i += 8) {
		u64 v = chance(&r, 50) ? corner_fp_register(&r) : corner_int(&r);

		memcpy(data + i, &v, 8);
	}
	if (agree_on_cpu(&err) < 0) {
		fprintf(stderr, "diff: %s\n", err.text);
		unlink(path);
		return 77;
	}
	insn_coverage_start(run.guest->set);
	while (same + different + count_known < q->cases && different < SHOWN &&
	       (!q->seconds || time(NULL) - start < (time_t)q->seconds))
		if (batch(&n, run.features,
			  q->cases - same - different - count_known < BATCH
			      ? (u32)(q->cases - same - different - count_known)
			      : BATCH) < 0)
			break;
	if (!q->keep)
		unlink(path);
	printf("%llu cases the same, %llu different, %llu of known kinds; %llu made\n",
	       (unsigned long long)same, (unsigned long long)different,
	       (unsigned long long)count_known, (unsigned long long)n);
	return different ? 1 : 0;
}
