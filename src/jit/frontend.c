/* From guest bytes to a finished struct ir (frontend.h).
 *
 * Bytes come through guest_code->fetch in pieces that never reach over the end
 * of the block's page, so that the `writable` answer is about this page alone.
 * Only when the target says that an instruction needs more bytes
 * than the page has left are they fetched again across the boundary.  If that
 * brings nothing new the second page cannot be fetched: the block ends
 * before the instruction, or, if it is the first, the fetch faults there.
 *
 * Not done here: following jumps.  A block is one straight run of guest code.
 * Thread: the vCPU's own; no lock.
 */
#include "jit/frontend.h"
#include "base/log.h"
#include "base/str.h"
#include "cpu/accel.h"
#include "cpu/debug.h"
#include "cpu/target.h"
#include <signal.h>
#include <stdlib.h>

enum { PIECE = 128 };

/* What was fetched of the block. */
struct window {
	u64 pc;			/* guest address of buf[0], the block's start */
	u8 *buf;
	u32 size, len;		/* bytes room, bytes there */
	bool writable;		/* of what was used */
};

/* Up to `want` bytes at pc, in place of what was there. */
static void window_fetch(struct window *w, struct vcpu *cpu, u64 pc, u64 want)
{
	bool writable = false;
	u32 at = (u32)(pc - w->pc), len = (u32)min_u64(min_u64(want, PIECE), w->size - at), got;

	got = guest_code->fetch(cpu, pc, w->buf + at, len, &writable);
	assert(got <= len);
	w->len = at + got;
	if (got)
		w->writable |= writable;
}

static void log_insn(const struct target *target, struct vcpu *cpu, u64 pc, const u8 *bytes,
		     u32 len)
{
	char text[96], line[200];
	struct str s = STR(line);

	if (!target->disassemble(cpu->cpu_model, pc, bytes, len, text, sizeof text))
		return;
	str_add(&s, "0x%012llx:  ", (unsigned long long)pc);
	for (u32 i = 0; i < len; i++)
		str_add(&s, "%02x", bytes[i]);
	str_pad(&s, 28);
	log_write("%s  %s\n", line, text);
}

static void log_ir(const struct ir *t, const char *title)
{
	enum { SIZE = IR_INS_MAX * 80 };
	char *text = xcalloc(1, SIZE);

	ir_print(t, text, SIZE);
	log_write("%s at 0x%llx:\n", title, (unsigned long long)t->start);
	log_text(text, strlen(text));
	log_write("\n");
	free(text);
}

/* Translate the instruction at pc, for which the window is short: its length, or 0 when its bytes are not all there. */
static u32 translate_fetched(struct ir *t, struct vcpu *cpu, struct window *w, u64 pc, u64 page_end)
{
	const struct target *target = cpu->target;
	u64 left = page_end - pc;	/* right also where page_end is 0 */
	u32 at = (u32)(pc - w->pc), have = w->len - at, len;

	if (have < left) {
		window_fetch(w, cpu, pc, left);
		have = w->len - at;
	}
	len = have ? target->translate(t, w->buf + at, have) : 0;
	if (!len && have && have >= left) {
		u32 had = have;

		window_fetch(w, cpu, pc, target->insn_max);
		have = w->len - at;
		if (have > had)
			len = target->translate(t, w->buf + at, have);
	}
	assert(len <= have);
	return len;
}

static inline u32 translate_one(struct ir *t, struct vcpu *cpu, struct window *w, u64 pc, u64 page_end)
{
	const struct target *target = cpu->target;
	u32 at = (u32)(pc - w->pc), len;

	if (likely(w->len - at >= target->insn_max))
		len = target->translate(t, w->buf + at, w->len - at);
	else
		len = translate_fetched(t, cpu, w, pc, page_end);
	assert(len <= JIT_INSN_BYTES_MAX);
	if (log_enabled(LOG_IN_ASM) && len)
		log_insn(target, cpu, pc, w->buf + at, len);
	return len;
}

/* A debugger's breakpoint in place of the instruction at pc, the block's first. */
static u32 translate_break(struct ir *t, struct vcpu *cpu, struct window *w, u64 pc)
{
	u32 len = cpu->target->insn_align;

	window_fetch(w, cpu, pc, len);
	if (w->len < len)
		return 0;
	ir_insn(t, pc, len);
	ir_raise(t, EXIT_DEBUG, pc);
	return len;
}

static int fetch_fault(struct vcpu *cpu, const struct window *w)
{
	cpu->fault_addr = w->pc + w->len;
	cpu->fault_access = ACCESS_FETCH;
	return -EFAULT;
}

static void verify(const struct ir *t UNUSED)
{
	debug_assert(!ir_verify(t) ||
		     (log_write("block at 0x%llx: %s\n", (unsigned long long)t->start, ir_verify(t)), false));
}

static void finish(struct ir *t)
{
	if (log_enabled(LOG_IR))
		log_ir(t, "IR");
	verify(t);
	ir_narrow(t);
	if (log_enabled(LOG_IR_OPT))
		log_ir(t, "IR after passes");
}

int jit_build_ir(struct ir *t, struct vcpu *cpu, u64 pc, u32 max_insns, jit_stop_fn stop_at,
		 void *opaque, struct jit_built *ret)
{
	const struct target *target = cpu->target;
	u64 page = 1ull << target->page_bits, page_end = align_down(pc, page) + page, at = pc;
	u64 ask = 0;		/* bytes from pc where to ask stop_at again */
	struct window w = { .pc = pc, .buf = ret->bytes, .size = sizeof ret->bytes };

	assert(max_insns >= 1 && max_insns <= JIT_INSNS_MAX);
	assert(target->insn_max <= JIT_INSN_BYTES_MAX);
	/* fetch() may put a better one */
	cpu->fault_host_signal = SIGSEGV;
	ir_begin(t, target->slots, target->slot_count, target->fp, pc, cpu->mode, cpu->cpu_model);
	t->fp_rm = (u8)target->fp_rm(cpu);
	t->fp_env = cpu->fp_env;
	t->va_mask = cpu->clean_tags ? target->va_mask : 0;
	for (;;) {
		u64 last = t->pc;
		u32 len;

		t->pc = at;
		if (at == pc && debug_break_at(at) && !cpu->singlestep)
			len = translate_break(t, cpu, &w, at);
		else
			len = translate_one(t, cpu, &w, at, page_end);
		if (!len) {
			t->pc = last;
			break;
		}
		at += len;
		if (t->ended || t->insns >= max_insns || t->side_exits >= JIT_SIDE_EXITS_MAX ||
		    at - pc >= page_end - pc || ir_full(t) || debug_break_at(at))
			break;
		if (stop_at && at - pc >= ask) {
			u64 far = stop_at(opaque, at);

			if (!far)
				break;
			ask = at - pc + far;
		}
	}
	if (at == pc)
		return fetch_fault(cpu, &w);
	if (!t->ended)
		ir_goto(t, at);
	finish(t);
	ret->insns = t->insns;
	ret->len = (u32)(at - pc);
	ret->writable = w.writable;
	return 0;
}
