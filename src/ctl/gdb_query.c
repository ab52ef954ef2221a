/* q and Q packets: what the stub can do, threads, and objects read in parts (qXfer).
 *
 * Spec: Debugging with GDB, appendix E.4 (general query packets).
 */
#include "ctl/gdb_stub.h"
#include <limits.h>

enum { AUXV_MAX = 4096, SIGNALS_MAX = 64 };

/* ---- what both sides can do ---- */

static void supported(struct gdb_conn *g, struct gdb_args *a)
{
	while (gdb_char(a, ':') || gdb_char(a, ';')) {
		if (gdb_word(a, "multiprocess+"))
			g->multiprocess = true;
		else if (gdb_word(a, "swbreak+"))
			g->swbreak = true;
		else if (gdb_word(a, "no-resumed+"))
			g->no_resumed = true;
		while (a->p < a->end && *a->p != ';')
			a->p++;
	}
	gdb_put(&g->reply, "PacketSize=%x;qXfer:features:read+;qXfer:auxv:read+;qXfer:exec-file:read+;"
			   "qXfer:siginfo:read+;QStartNoAckMode+;QPassSignals+;vContSupported+;multiprocess+;swbreak+;"
			   "no-resumed+", GDB_PACKET_MAX - 256);
}

static void pass_signals(struct gdb_conn *g, struct gdb_args *a)
{
	u64 set = 0, number;

	while (gdb_hex(a, &number)) {
		int sig = gdb_signal_to_linux(number);

		if (sig)
			set |= 1ull << (sig - 1);
		gdb_char(a, ';');
	}
	stop_pass_signals(set);
	gdb_ok(g);
}

/* ---- threads ---- */

static void list_threads(struct gdb_conn *g, struct gdb_args *a)
{
	enum { ID_MAX = 24 };
	struct gdb_reply *r = &g->reply;

	if (g->listed >= g->thread_count) {
		gdb_put(r, "l");
		return;
	}
	for (u32 n = 0; g->listed < g->thread_count && r->len + ID_MAX < GDB_PACKET_MAX - 256; n++) {
		gdb_put(r, n ? "," : "m");
		gdb_thread_id(g, g->threads[g->listed++]);
	}
}

static void first_threads(struct gdb_conn *g, struct gdb_args *a)
{
	g->thread_count = stop_threads(g->threads, GDB_THREADS_MAX);
	g->listed = 0;
	list_threads(g, a);
}

static bool thread_text(struct vcpu *cpu, void *opaque)
{
	struct gdb_conn *g = opaque;
	char text[100];
	struct str s = STR(text);

	debug_machine->thread_text(cpu, &s);
	gdb_put_hex(&g->reply, text, (u32)s.len);
	return true;
}

static void thread_info(struct gdb_conn *g, struct gdb_args *a)
{
	u64 pid, tid;
	u32 choice = gdb_thread(a, &pid, &tid) ? gdb_thread_choose(g, pid, tid) : 0;

	if (!choice || !stop_with_vcpu(choice, thread_text, g))
		gdb_error(g, 1);
}

static void current_thread(struct gdb_conn *g, struct gdb_args *a)
{
	gdb_put(&g->reply, "QC");
	gdb_thread_id(g, g->tid_g);
}

/* ---- objects ---- */

void gdb_xfer_part(struct gdb_conn *g, const void *object, u64 size, u64 offset, u64 len)
{
	u64 left = offset < size ? size - offset : 0, n;

	/* Room for a packet as gdb knows it: each byte may need an escape. */
	len = min_u64(min_u64(len, left), (GDB_PACKET_MAX - 512) / 2);
	gdb_put(&g->reply, "%s", len < left ? "m" : "l");
	n = gdb_put_binary(&g->reply, (const u8 *)object + (left ? offset : 0), len);
	assert(n == len);
}

static void xfer_features(struct gdb_conn *g, const char *annex, u64 offset, u64 len)
{
	const char *xml = gdb_target_xml(g->target);

	if (!strcmp(annex, "target.xml"))
		gdb_xfer_part(g, xml, strlen(xml), offset, len);
	else
		gdb_put(&g->reply, "E00");
}

static void xfer_auxv(struct gdb_conn *g, const char *annex, u64 offset, u64 len)
{
	u8 bytes[AUXV_MAX];
	i64 n = debug_machine->auxv(0, bytes, sizeof bytes);

	if (n < 0)
		gdb_error(g, 1);
	else
		gdb_xfer_part(g, bytes, (u64)n, offset, len);
}

static void xfer_exec_file(struct gdb_conn *g, const char *annex, u64 offset, u64 len)
{
	const char *path = debug_machine->exec_path();

	gdb_xfer_part(g, path, strlen(path), offset, len);
}

static void xfer_siginfo(struct gdb_conn *g, const char *annex, u64 offset, u64 len)
{
	u8 info[STOP_INFO_MAX];
	u32 n = stop_siginfo(g->tid_g, info);

	if (!n)
		gdb_error(g, 1);
	else
		gdb_xfer_part(g, info, n, offset, len);
}

static void transfer(struct gdb_conn *g, struct gdb_args *a)
{
	static const struct {
		const char *object;
		void (*fn)(struct gdb_conn *g, const char *annex, u64 offset, u64 len);
	} objects[] = {
		{ "features:read:", xfer_features },
		{ "auxv:read:", xfer_auxv },
		{ "exec-file:read:", xfer_exec_file },
		{ "siginfo:read:", xfer_siginfo },
	};
	char annex[64];
	u64 offset, len;
	u32 i = 0, n = 0;

	while (i < ARRAY_SIZE(objects) && !gdb_word(a, objects[i].object))
		i++;
	if (i == ARRAY_SIZE(objects))
		return;
	while (a->p < a->end && *a->p != ':' && n < sizeof annex - 1)
		annex[n++] = (char)*a->p++;
	annex[n] = 0;
	if (gdb_char(a, ':') && gdb_hex(a, &offset) && gdb_char(a, ',') && gdb_hex(a, &len))
		objects[i].fn(g, annex, offset, len);
	else
		gdb_put(&g->reply, "E00");
}

/* ---- the tables ---- */

static void attached(struct gdb_conn *g, struct gdb_args *a)
{
	gdb_put(&g->reply, g->came_late ? "1" : "0");
}

static void ok(struct gdb_conn *g, struct gdb_args *a)
{
	gdb_ok(g);
}

static void no_ack_mode(struct gdb_conn *g, struct gdb_args *a)
{
	g->no_ack = true;
	gdb_ok(g);
}

struct query {
	const char *word;
	void (*fn)(struct gdb_conn *g, struct gdb_args *a);
};

static void look_up(struct gdb_conn *g, struct gdb_args *a, const struct query *q, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		struct gdb_args rest = *a;

		/* A whole word: an end, or what separates it from its arguments. */
		if (!gdb_word(&rest, q[i].word) || (rest.p < rest.end && !strchr(":;,", *rest.p)))
			continue;
		if (q[i].fn != supported && rest.p < rest.end)
			rest.p++;
		q[i].fn(g, &rest);
		return;
	}
}

void gdb_query(struct gdb_conn *g, struct gdb_args *a)
{
	static const struct query queries[] = {
		{ "Supported", supported },
		{ "C", current_thread },
		{ "fThreadInfo", first_threads },
		{ "sThreadInfo", list_threads },
		{ "ThreadExtraInfo", thread_info },
		{ "Xfer", transfer },
		{ "Attached", attached },
		{ "Symbol", ok },	/* we need none */
	};

	look_up(g, a, queries, ARRAY_SIZE(queries));
}

void gdb_set(struct gdb_conn *g, struct gdb_args *a)
{
	static const struct query settings[] = {
		{ "StartNoAckMode", no_ack_mode },
		{ "PassSignals", pass_signals },
	};

	look_up(g, a, settings, ARRAY_SIZE(settings));
}
