/* Counters of the translator.  Kept without lock by the threads that do the
 * work under jit.lock; `lookups` alone is approximate with several threads.
 */
#include "jit/core.h"

void jit_stats(struct jit_stats *ret)
{
	jit_lock();
	*ret = jit.count;
	jit_unlock();
}

static double ratio(u64 a, u64 b)
{
	return b ? (double)a / (double)b : 0;
}

void jit_stats_log(void)
{
	struct jit_stats s;
	u64 host, kept;

	jit_stats(&s);
	host = s.hot_bytes + s.cold_bytes;
	kept = s.descriptor_bytes + s.link_bytes + s.note_bytes;
	log_write("jit: %llu blocks, %llu guest instructions, %llu guest bytes\n"
		  "jit: host bytes %llu hot, %llu cold: %.2f per guest byte (%.2f hot)\n"
		  "jit: kept beside %llu descriptors, %llu links, %llu notes: %.2f per guest byte\n"
		  "jit: %.1f M cycles to translate (%.0f an instruction, %.0f of it in the back end)\n"
		  "jit: %llu look-ups, %llu links, %llu dropped, %llu rechecked, %llu evictions\n",
		  (unsigned long long)s.blocks, (unsigned long long)s.guest_insns,
		  (unsigned long long)s.guest_bytes, (unsigned long long)s.hot_bytes,
		  (unsigned long long)s.cold_bytes, ratio(host, s.guest_bytes),
		  ratio(s.hot_bytes, s.guest_bytes), (unsigned long long)s.descriptor_bytes,
		  (unsigned long long)s.link_bytes, (unsigned long long)s.note_bytes,
		  ratio(kept, s.guest_bytes), (double)s.translate_cycles / 1e6,
		  ratio(s.translate_cycles, s.guest_insns), ratio(s.emit_cycles, s.guest_insns),
		  (unsigned long long)s.lookups, (unsigned long long)s.links,
		  (unsigned long long)s.dropped, (unsigned long long)s.rechecked,
		  (unsigned long long)s.evictions);
}

void jit_report(void)
{
	if (jit.stats)
		jit_stats_log();
}
