/* Differential tester: random guest code through two accelerators.
 *
 *   diff [--guest riscv64] [--cpu MODEL] [--base ADDRESS] [--seed N] [--cases N] [--seconds N]
 *        [--line NAME] [--max N] [--case N] [--list] [--accel A,B] [--qemu [PROGRAM]] [--keep FILE]
 *        [--parallel]
 *
 * --parallel: atomics as for guests with several threads.
 * The seed of a case is made from --seed and its number; --case runs the one case
 * that a report names.  Ends with what was covered; status 1 if anything differed.
 */
#include "diff.h"
#include "mem/guest.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPORTS = 12, SIGNATURES = 4096, CLASSES = 8 };

struct options {
	const char *cpu, *line, *accel_a, *accel_b, *qemu, *keep;
	u64 seed, cases, one, seconds, max_insns, base;
	bool has_one, list, is_qemu;
};

/* AddressSanitizer's shadow lies where wild guest addresses may point. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define BASE 0x300000000000
#else
#define BASE 0
#endif

static struct options opt = { .base = BASE,
			      .accel_a = "interp",
			      .accel_b = "tcg",
			      .seed = 1,
			      .cases = 200000,
			      .max_insns = 48 };

static struct {
	u64 cases, runs, endless, different, insns, skipped;
	u64 exits[EXIT_MAX];
	u64 line[1024];	  /* cases that have the line */
	u8 classes[1024]; /* bits of enum class seen */
	u64 signatures[SIGNATURES];
	u32 signature_count;
} count;

/* ---- coverage ---- */

static const char *const class_names[CLASSES] = {
	"d=a", "d=b", "a=b", "d=x0", "a=x0", "b=x0", "all apart", "negative immediate",
};

static bool has_field(const struct insn *in, char letter)
{
	return strchr(in->pattern, letter) || strchr(in->pattern, letter - 'a' + 'A');
}

/* Which classes a line can have at all. */
static u32 possible(const struct insn *in)
{
	bool d = has_field(in, 'd'), a = has_field(in, 'a'), b = has_field(in, 'b');
	bool small =
	    strchr(in->pattern, 'A') || strchr(in->pattern, 'D') || strchr(in->pattern, 'B');
	u32 width = insn_bits(run.guest->set, in).width;

	if (width == 16) /* their fields are often one and the same, or not 0 */
		return d && b && !small ? 2 : 0;
	return (d && a ? 1u : 0) | (d && b ? 2u : 0) | (a && b ? 4u : 0) | (d ? 8u : 0) |
	       (a ? 16u : 0) | (b ? 32u : 0) | (d && a ? 64u : 0) | (in->imm ? 128u : 0);
}

static u32 classes_of(const struct operands *o)
{
	return (o->d == o->a ? 1u : 0) | (o->d == o->b ? 2u : 0) | (o->a == o->b ? 4u : 0) |
	       (!o->d ? 8u : 0) | (!o->a ? 16u : 0) | (!o->b ? 32u : 0) |
	       (o->d != o->a && o->d != o->b && o->a != o->b ? 64u : 0) | (o->imm < 0 ? 128u : 0);
}

static void note(const struct diff_case *c)
{
	for (u32 i = 0; i < c->count; i++) {
		struct operands o;
		const struct insn *in;
		u32 word = 0, n;

		memcpy(&word, c->code + c->at[i], (size_t)(c->at[i + 1] - c->at[i]));
		in = insn_decode(run.guest->set, word, run.features, &o);
		if (!in)
			continue;
		n = (u32)(in - run.guest->set->begin);
		assert(n < ARRAY_SIZE(count.line));
		count.line[n]++;
		count.classes[n] |= (u8)classes_of(&o);
	}
	count.insns += c->count;
}

static void print_coverage(void)
{
	u32 lines = 0, covered = 0, want[CLASSES] = { 0 }, have[CLASSES] = { 0 };
	u64 least = ~0ull;
	const struct insn_set *set = run.guest->set;
	const char *least_name = "";

	for (const struct insn *in = set->begin; in < set->end; in++) {
		u32 n = (u32)(in - set->begin), can = possible(in);

		if (in->feature & ~run.features)
			continue;
		lines++;
		covered += count.line[n] > 0;
		if (!count.line[n])
			printf("  never: %s\n", in->name);
		if (count.line[n] < least) {
			least = count.line[n];
			least_name = in->name;
		}
		for (u32 k = 0; k < CLASSES; k++) {
			want[k] += can >> k & 1;
			have[k] += can >> k & count.classes[n] >> k & 1;
		}
	}
	printf("%u lines of %u covered, least %s (%llu)", covered, lines, least_name,
	       (unsigned long long)least);
	for (u32 k = 0; k < CLASSES; k++)
		printf("%s %s %u/%u", k ? "," : ";", class_names[k], have[k], want[k]);
	printf("\n");
}

/* ---- cases ---- */

static bool is_new(const char *signature)
{
	u64 h = 14695981039346656037ull;

	for (; *signature; signature++)
		h = (h ^ (u8)*signature) * 1099511628211ull;
	for (u32 i = 0; i < count.signature_count; i++)
		if (count.signatures[i] == h)
			return false;
	if (count.signature_count < SIGNATURES)
		count.signatures[count.signature_count++] = h;
	return true;
}

static void one_case(const struct diff_wish *wish, u64 seed)
{
	static char text_buf[8192];
	static struct diff_case c;
	struct str text = STR(text_buf);
	u32 n = 0;

	run.guest->make(&c, seed, wish);
	if (opt.has_one)
		print_code(&c);
	switch (compare_case(&c, &n, &text)) {
	case SAME:
		note(&c);
		count.cases++;
		break;
	case ENDLESS: count.endless++; break;
	case DIFFERENT: {
		char again[300], sign_buf[600];
		struct str s = STR(again), signature = STR(sign_buf);

		count.different++;
		if (count.signature_count >= REPORTS)
			break;
		str_add(&s, "--case 0x%llx --max %llu%s%s%s%s", (unsigned long long)seed,
			(unsigned long long)opt.max_insns, opt.line ? " --line " : "",
			opt.line ? opt.line : "", opt.cpu ? " --cpu " : "", opt.cpu ? opt.cpu : "");
		if (vcpu_parallel)
			str_add(&s, " --parallel");
		if (opt.base)
			str_add(&s, " --base 0x%llx", (unsigned long long)opt.base);
		sign_buf[0] = 0;
		report(&c, n, again, &signature);
		if (is_new(sign_buf))
			printf("signature: %s\n", sign_buf);
		break;
	}
	}
}

static const struct insn *next_line(u64 i)
{
	const struct insn_set *set = run.guest->set;
	u64 lines = (u64)(set->end - set->begin);

	for (;; i++) {
		const struct insn *in = &set->begin[i % lines];

		if (!(in->feature & ~run.features))
			return in;
	}
}

static void all_cases(void)
{
	struct diff_wish wish = { .features = run.features, .max_insns = (u32)opt.max_insns };
	struct timespec start, now;

	if (opt.line)
		wish.line = insn_find(run.guest->set, opt.line, 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (u64 i = 0; i < opt.cases; i++) {
		u64 seed = opt.has_one ? opt.one : mix(opt.seed, i);

		/* which line a case is for follows from its seed alone */
		if (!opt.line)
			wish.line = next_line(seed % 5 ? seed >> 32 : seed >> 16);
		one_case(&wish, seed);
		if (opt.seconds && !(i & 63)) {
			clock_gettime(CLOCK_MONOTONIC, &now);
			if ((u64)(now.tv_sec - start.tv_sec) >= opt.seconds)
				break;
		}
	}
}

/* ---- options ---- */

static void list_lines(void)
{
	for (const struct insn *in = run.guest->set->begin; in < run.guest->set->end; in++)
		if (!(in->feature & ~run.features))
			printf("%s\n", in->name);
}

static u64 number(const char *name, const char *text)
{
	u64 v;

	if (!str_to_u64(text, true, &v)) {
		fprintf(stderr, "diff: --%s: '%s' is not a number\n", name, text);
		exit(2);
	}
	return v;
}

static void take_accels(char *text)
{
	char *comma = strchr(text, ',');

	opt.accel_a = text;
	if (comma) {
		*comma = 0;
		opt.accel_b = comma + 1;
	}
}

static void take_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ "seed", 1, NULL, 's' },    { "cases", 1, NULL, 'n' }, { "line", 1, NULL, 'l' },
		{ "seconds", 1, NULL, 't' }, { "list", 0, NULL, 'L' },	{ "case", 1, NULL, 'c' },
		{ "max", 1, NULL, 'm' },     { "cpu", 1, NULL, 'C' },	{ "base", 1, NULL, 'B' },
		{ "accel", 1, NULL, 'a' },   { "qemu", 2, NULL, 'q' },	{ "keep", 1, NULL, 'k' },
		{ "guest", 1, NULL, 'g' },   { "parallel", 0, NULL, 'p' }, { NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", names, NULL)) >= 0) {
		switch (o) {
		case 's': opt.seed = number("seed", optarg); break;
		case 'n': opt.cases = number("cases", optarg); break;
		case 'l': opt.line = optarg; break;
		case 't': opt.seconds = number("seconds", optarg); break;
		case 'L': opt.list = true; break;
		case 'c':
			opt.one = number("case", optarg);
			opt.has_one = true;
			opt.cases = 1;
			break;
		case 'm': opt.max_insns = number("max", optarg); break;
		case 'C': opt.cpu = optarg; break;
		case 'B': opt.base = number("base", optarg); break;
		case 'a': take_accels(optarg); break;
		case 'q':
			opt.is_qemu = true;
			opt.qemu = optarg ? optarg : "qemu-riscv64";
			break;
		case 'k': opt.keep = optarg; break;
		case 'p': vcpu_parallel = true; break;
		case 'g':
			if (!strcmp(optarg, diff_riscv64.target))
				break;
			fprintf(stderr, "diff: no generator for guest '%s'\n", optarg);
			exit(2);
		default: exit(2);
		}
	}
	if (opt.max_insns < 1 || opt.max_insns > INSNS_MAX - 4) {
		fprintf(stderr, "diff: --max is 1 to %d\n", INSNS_MAX - 4);
		exit(2);
	}
}

static int compare_accels(void)
{
	all_cases();
	if (!opt.has_one)
		print_coverage();
	printf("%llu cases the same, %llu different, %llu endless; %llu instructions\n",
	       (unsigned long long)count.cases, (unsigned long long)count.different,
	       (unsigned long long)count.endless, (unsigned long long)count.insns);
	return count.different ? 1 : 0;
}

static int compare_emulators(void)
{
	struct diff_qemu q = { .emulator = opt.qemu,
			       .cpu = opt.cpu,
			       .seed = opt.seed,
			       .cases = opt.cases,
			       .seconds = (u32)opt.seconds,
			       .keep = opt.keep };

	q.line = opt.line ? insn_find(run.guest->set, opt.line, 0) : NULL;
	return qemu_main(&q);
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	int r = 0;

	take_options(argc, argv);
	guest_base = opt.base;
	if (run_start(&diff_riscv64, opt.cpu, opt.accel_a, opt.accel_b, &err) < 0) {
		fprintf(stderr, "diff: %s\n", err.text);
		return 2;
	}
	if (opt.list) {
		list_lines();
	} else if (opt.line && !insn_find(run.guest->set, opt.line, 0)) {
		fprintf(stderr, "diff: no line '%s' (--list shows them)\n", opt.line);
		r = 2;
	} else {
		r = opt.is_qemu ? compare_emulators() : compare_accels();
	}
	run_end();
	return r;
}
