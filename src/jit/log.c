/* What -d shows of the translator: host code of a block (out_asm), entries from
 * C (exec) and the guest's registers at them (cpu).
 *
 * Host code is shown as bytes, one line per guest instruction that may fault
 * (the points we keep), then the cold part; feed it to a disassembler to read.
 * With exec alone, blocks that are chained do not show: add nochain.
 */
#include "jit/core.h"
#include "base/str.h"
#include "cpu/target.h"

enum { BYTES_A_LINE = 32, LINE = 160 };

/* Bytes [from, to) of the code at offset off. */
static void log_bytes(const char *mark, u32 off, u32 from, u32 to)
{
	while (from < to) {
		char line[LINE];
		struct str s = STR(line);
		u32 end = (u32)min_u64(from + BYTES_A_LINE, to);

		str_add(&s, "  %-14s 0x%llx: ", mark, (unsigned long long)jit_rx(off + from));
		while (from < end)
			str_add(&s, "%02x", jit_rw(off)[from++]);
		log_write("%s\n", line);
		mark = "";
	}
}

void log_block(const struct jit_block *b, const struct ir *t)
{
	struct note_point at;
	u32 from = 0;
	char mark[24];
	struct str s = STR(mark);

	log_write("OUT: guest 0x%llx, mode 0x%x, %u instructions, %u bytes -> %u + %u bytes\n",
		  (unsigned long long)b->pc, b->mode, t->insns, b->len, b->hot_len, b->cold_len);
	str_add(&s, "0x%llx", (unsigned long long)b->pc);
	notes_start(b, &at);
	while (notes_next(&at) && at.point.host < b->hot_len) {
		if (at.point.host > from)
			log_bytes(mark, b->hot, from, at.point.host);
		from = at.point.host;
		s = STR(mark);
		str_add(&s, "0x%llx", (unsigned long long)(b->pc + at.point.guest * 2u));
	}
	log_bytes(mark, b->hot, from, b->hot_len);
	log_bytes("cold", b->cold, 0, b->cold_len);
}

void log_enter(struct vcpu *cpu, const struct jit_block *b)
{
	log_item(LOG_EXEC, "exec %u: 0x%llx, mode 0x%x, host 0x%llx\n", cpu->index,
		 (unsigned long long)b->pc, b->mode, (unsigned long long)block_code(b));
	if (log_enabled(LOG_CPU))
		target_log_regs(cpu);
}
