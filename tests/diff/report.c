/* A difference: made smaller, then printed with all that is needed to look into it.
 *
 * Smaller: instructions become no-operations one by one as long as the results
 * still differ, then words of the start state become zero.  Lengths and places
 * stay, so jumps need no care.
 */
#include "diff.h"
#include "base/log.h"
#include "jit/frontend.h"
#include "mem/guest.h"

#include <stdio.h>
#include <stdlib.h>

static char text_buf[8192];

/* Run states 0..n-1 as they come and then s: does it differ? */
static bool still_differs(const struct diff_case *c, u32 n, bool warm, const struct diff_state *s,
			  struct str *text)
{
	static struct diff_state earlier;
	static struct diff_result a, b;
	bool differs;

	run_forget(c);
	for (u32 i = 0; warm && i < n; i++) {
		run.guest->state(c, i, &earlier);
		run_state(run.a, c, &earlier, &a);
		if (!a.endless)
			run_state(run.b, c, &earlier, &b);
	}
	run_state(run.a, c, s, &a);
	if (a.endless)
		return false;
	run_state(run.b, c, s, &b);
	*text = STR(text_buf);
	text_buf[0] = 0;
	differs = !results_equal(&a, &b, text);
	run_forget(c);
	return differs;
}

static void shrink(struct diff_case *c, u32 n, bool *warm, struct diff_state *s)
{
	struct str text;
	struct diff_case less;
	u64 was;

	*warm = !still_differs(c, n, false, s, &text);
	for (u32 i = 0; i + 1 < c->count; i++) {
		less = *c;
		run.guest->drop(&less, i);
		if (memcmp(less.code, c->code, c->len) && still_differs(&less, n, *warm, s, &text))
			*c = less;
	}
	less = *c;
	less.step = false;
	if (c->step && still_differs(&less, n, *warm, s, &text))
		*c = less;
	less = *c;
	less.kick = false;
	if (c->kick && still_differs(&less, n, *warm, s, &text))
		*c = less;
	for (u32 i = 0; i < STATE_WORDS; i++) {
		was = s->words[i];
		s->words[i] = 0;
		if (was && !still_differs(c, n, *warm, s, &text))
			s->words[i] = was;
	}
	was = s->fflags;
	s->fflags = 0;
	if (was && !still_differs(c, n, *warm, s, &text))
		s->fflags = (u8)was;
}

void print_code(const struct diff_case *c)
{
	for (u32 i = 0; i < c->count; i++) {
		const u8 *p = c->code + c->at[i];
		char text[100];
		u32 len = (u32)(c->at[i + 1] - c->at[i]), word = 0;

		memcpy(&word, p, len);
		run.target->disassemble(run.model, c->pc + c->at[i], p, len, text, sizeof text);
		if (!run.guest->is_nop(p, len))
			printf("  %llx:  %0*x%*s  %s\n", (unsigned long long)(c->pc + c->at[i]),
			       (int)len * 2, word, (int)(8 - len * 2), "", text);
		else
			printf("  %llx:  nop (%u bytes)\n", (unsigned long long)(c->pc + c->at[i]),
			       len);
	}
}

void print_state(const struct diff_state *s)
{
	u32 column = 0;

	for (u32 i = 0; i < STATE_WORDS; i++)
		if (s->words[i])
			printf("  %-4s %016llx%s", word_name(i), (unsigned long long)s->words[i],
			       ++column % 4 ? "" : "\n");
	printf("%s  flags %02x, reservation %llx = %llx, others 0\n", column % 4 ? "\n" : "",
	       s->fflags, (unsigned long long)s->excl_addr, (unsigned long long)s->excl_val);
}

static void print_ir(const struct diff_case *c)
{
	static struct jit_built built;
	enum { SIZE = 1 << 16 };
	struct ir *t = ir_new();
	char *text = xcalloc(1, SIZE);
	struct diff_result ignored;
	static struct diff_state s;

	/* leaves the mode of state 0 and c as the code source */
	run.guest->state(c, 0, &s);
	run_state(run.a, c, &s, &ignored);
	if (jit_build_ir(t, run.a, c->pc, JIT_INSNS_MAX, NULL, NULL, &built) == 0) {
		ir_print(t, text, SIZE);
		printf("IR of the first block:\n%s", text);
	}
	free(text);
	ir_free(t);
}

static void sign(const struct diff_case *c, struct str *signature)
{
	for (u32 i = 0; i + 1 < c->count; i++) {
		char text[100], *space;

		run.target->disassemble(run.model, 0, c->code + c->at[i],
					(u32)(c->at[i + 1] - c->at[i]), text, sizeof text);
		space = strchr(text, ' ');
		if (space)
			*space = 0;
		if (!run.guest->is_nop(c->code + c->at[i], (u32)(c->at[i + 1] - c->at[i])))
			str_add(signature, "%s ", text);
	}
}

/* Once more with the log on: host code and what was entered. */
static void log_again(const struct diff_case *c, u32 n, bool warm, const struct diff_state *s)
{
	struct str text;
	u32 was = log_mask;

	if (!getenv("MIMUS_DIFF_LOG"))
		return;
	fflush(stdout);
	log_mask |= LOG_OUT_ASM | LOG_EXEC;
	still_differs(c, n, warm, s, &text);
	log_mask = was;
}

void report(const struct diff_case *given, u32 n, const char *again, struct str *signature)
{
	struct diff_case c = *given;
	static struct diff_state s;
	struct str text;
	bool warm, real;

	run.guest->state(&c, n, &s);
	real = still_differs(&c, n, true, &s, &text);
	if (real) {
		shrink(&c, n, &warm, &s);
		real = still_differs(&c, n, warm, &s, &text);
	}
	sign(&c, signature);
	printf("\ndifferent: %s\n", again);
	if (!real)
		printf("  (not when it is run again: what ran before matters)\n");
	printf("code%s%s%s:\n", c.step ? ", in single steps" : "", c.kick ? ", kicked" : "",
	       real && warm ? ", after other states" : "");
	print_code(&c);
	printf("start:\n");
	print_state(&s);
	if (real)
		printf("result       %-16s  %s\n%s", run.a->accel->name, run.b->accel->name,
		       text_buf);
	print_ir(&c);
	if (real)
		log_again(&c, n, warm, &s);
	fflush(stdout);
}
