/* From guest bytes to a finished struct ir (frontend.h).
 *
 * Bytes come through guest_code->fetch into a small window which never reaches
 * over the end of the block's page, so that the `writable` answer is about this
 * page alone.  Only when the target says that an instruction needs more bytes
 * than the page has left is the window fetched again across the boundary.  If
 * that brings nothing new the second page cannot be fetched: the block ends
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

enum { WINDOW = 256 };

struct window {
	u64 pc;			/* guest address of buf[0] */
	u32 len;		/* bytes there */
	bool writable;		/* of what was used of this and earlier windows */
	u8 buf[WINDOW];
};

static void window_fetch(struct window *w, struct vcpu *cpu, u64 pc, u64 want)
{
	bool writable = false;
	u32 len = want < sizeof w->buf ? (u32)want : (u32)sizeof w->buf;

	w->pc = pc;
	w->len = guest_code->fetch(cpu, pc, w->buf, len, &writable);
	assert(w->len <= len);
	if (w->len)
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

/* Translate the instruction at pc: its length, or 0 when its bytes are not all there.  Its bytes go to copy. */
static u32 translate_one(struct ir *t, struct vcpu *cpu, struct window *w, u64 pc, u64 page_end,
			 u8 *copy)
{
	const struct target *target = cpu->target;
	u64 left = page_end - pc;	/* right also where page_end is 0 */
	u32 used = (u32)(pc - w->pc), have = w->len - used, len;

	if (have < target->insn_max && have < left) {
		window_fetch(w, cpu, pc, left);
		used = 0;
		have = w->len;
	}
	len = have ? target->translate(t, w->buf + used, have) : 0;
	if (!len && have && have >= left) {
		window_fetch(w, cpu, pc, target->insn_max);
		used = 0;
		if (w->len > have)
			len = target->translate(t, w->buf, w->len);
		have = w->len;
	}
	assert(len <= have && len <= JIT_INSN_BYTES_MAX);
	memcpy(copy, w->buf + used, len);
	if (len && log_enabled(LOG_IN_ASM))
		log_insn(target, cpu, pc, w->buf + used, len);
	return len;
}

/* A debugger's breakpoint in place of the instruction at pc. */
static u32 translate_break(struct ir *t, struct vcpu *cpu, struct window *w, u64 pc, u8 *copy)
{
	u32 len = cpu->target->insn_align;

	window_fetch(w, cpu, pc, len);
	if (w->len < len)
		return 0;
	ir_insn(t, pc, len);
	ir_raise(t, EXIT_DEBUG, pc);
	memcpy(copy, w->buf, len);
	return len;
}

static int fetch_fault(struct vcpu *cpu, const struct window *w)
{
	cpu->fault_addr = w->pc + w->len;
	cpu->fault_access = ACCESS_FETCH;
	return -EFAULT;
}

static void finish(struct ir *t)
{
	if (log_enabled(LOG_IR))
		log_ir(t, "IR");
	debug_assert(!ir_verify(t));
	ir_narrow(t);
	if (log_enabled(LOG_IR_OPT))
		log_ir(t, "IR after passes");
}

int jit_build_ir(struct ir *t, struct vcpu *cpu, u64 pc, u32 max_insns, jit_stop_fn stop_at,
		 void *opaque, struct jit_built *ret)
{
	const struct target *target = cpu->target;
	u64 page = 1ull << target->page_bits, page_end = align_down(pc, page) + page, at = pc;
	struct window w = { .pc = pc };

	assert(max_insns >= 1 && max_insns <= JIT_INSNS_MAX);
	assert(target->insn_max <= JIT_INSN_BYTES_MAX);
	/* fetch() may put a better one */
	cpu->fault_host_signal = SIGSEGV;
	ir_begin(t, target->slots, target->slot_count, target->fp, pc, cpu->mode, cpu->cpu_model);
	t->fp_rm = (u8)target->fp_rm(cpu);
	do {
		u64 last = t->pc;
		u32 len;

		t->pc = at;
		if (debug_break_at(at) && !cpu->singlestep)
			len = translate_break(t, cpu, &w, at, ret->bytes + (at - pc));
		else
			len = translate_one(t, cpu, &w, at, page_end, ret->bytes + (at - pc));
		if (!len) {
			t->pc = last;
			break;
		}
		at += len;
	} while (!t->ended && t->insns < max_insns && at - pc < page_end - pc && !ir_full(t) &&
		 !debug_break_at(at) && !(stop_at && stop_at(opaque, at)));
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
