/* The packets of the remote protocol, but for q, Q and vFile.
 *
 * gdb_command finds the packet's letter in a table; its function reads the words and fills the reply.  An empty reply
 * says that a packet is not known: Z2 to Z4 (gdb then watches by single steps), vAttach, vRun, non-stop mode.
 *
 * Not modelled: packets marked obsolete; reverse execution; tracepoints; k's other processes.
 * Spec: Debugging with GDB, appendix E.2 (packets), E.3 (stop replies).
 */
#include "ctl/gdb_stub.h"
#include "cpu/accel.h"
#include <signal.h>
#include <unistd.h>

/* ---- replies ---- */

void gdb_ok(struct gdb_conn *g)
{
	gdb_put(&g->reply, "OK");
}

void gdb_error(struct gdb_conn *g, int number)
{
	g->reply.len = 0;
	gdb_put(&g->reply, "E%02x", number & 0xff);
}

void gdb_thread_id(struct gdb_conn *g, u32 tid)
{
	if (g->multiprocess)
		gdb_put(&g->reply, "p%x.%x", debug_machine->process_id(), tid);
	else
		gdb_put(&g->reply, "%x", tid);
}

static bool yes(struct vcpu *cpu, void *opaque)
{
	return true;
}

bool gdb_thread_exists(u32 tid)
{
	return stop_with_vcpu(tid, yes, NULL);
}

u32 gdb_thread_choose(struct gdb_conn *g, u64 pid, u64 tid)
{
	if (pid && pid != debug_machine->process_id())
		return 0;
	if (tid == 0 || tid == ~0ull)
		tid = g->tid_g;
	return tid <= ~0u && gdb_thread_exists((u32)tid) ? (u32)tid : 0;
}

static void choose_current(struct gdb_conn *g)
{
	u32 first;

	if (g->event.tid && gdb_thread_exists(g->event.tid))
		g->tid_g = g->event.tid;
	else if (!gdb_thread_exists(g->tid_g))
		g->tid_g = stop_threads(&first, 1) ? first : 0;
	g->tid_c = 0;
}

void gdb_stop_reply(struct gdb_conn *g)
{
	struct gdb_reply *r = &g->reply;

	choose_current(g);
	if (g->event.why == STOP_NO_RESUMED && g->no_resumed) {
		gdb_put(r, "N");
		return;
	}
	gdb_put(r, "T%02x", g->event.sig ? gdb_signal(g->event.sig) : gdb_signal(SIGTRAP));
	gdb_put(r, "%02x:", g->target->pc_gdb);
	if (!gdb_reg_read(g, g->tid_g, g->target->pc_gdb)) {
		gdb_error(g, 1);
		return;
	}
	gdb_put(r, ";thread:");
	gdb_thread_id(g, g->tid_g);
	gdb_put(r, ";");
	if (g->event.why == STOP_BREAK && g->swbreak)
		gdb_put(r, "swbreak:;");
}

/* ---- registers and memory ---- */

static bool cmd_read_regs(struct gdb_conn *g, struct gdb_args *a)
{
	if (!gdb_regs_read_all(g, g->tid_g))
		gdb_error(g, 1);
	return true;
}

static bool cmd_write_regs(struct gdb_conn *g, struct gdb_args *a)
{
	if (gdb_regs_write_all(g, g->tid_g, a))
		gdb_ok(g);
	else
		gdb_error(g, 1);
	return true;
}

static bool cmd_read_reg(struct gdb_conn *g, struct gdb_args *a)
{
	u64 n;

	if (!gdb_hex(a, &n) || !gdb_reg_read(g, g->tid_g, n))
		gdb_error(g, 1);
	return true;
}

static bool cmd_write_reg(struct gdb_conn *g, struct gdb_args *a)
{
	u64 n;

	if (gdb_hex(a, &n) && gdb_char(a, '=') && gdb_reg_write(g, g->tid_g, n, a))
		gdb_ok(g);
	else
		gdb_error(g, 1);
	return true;
}

static bool address_and_length(struct gdb_args *a, u64 *ret_va, u64 *ret_len)
{
	return gdb_hex(a, ret_va) && gdb_char(a, ',') && gdb_hex(a, ret_len);
}

/* As many bytes as there are before a bad address. */
static u64 read_some(struct gdb_conn *g, gva va, u64 len)
{
	u64 done = 0;

	if (debug_machine->read(va, g->data, len) == 0)
		return len;
	while (done < len && debug_machine->read(va + done, g->data + done, 1) == 0)
		done++;
	return done;
}

static bool cmd_read_memory(struct gdb_conn *g, struct gdb_args *a)
{
	u64 va, len, n;

	if (!address_and_length(a, &va, &len)) {
		gdb_error(g, 1);
		return true;
	}
	len = min_u64(len, (GDB_PACKET_MAX - 256) / 2);
	n = read_some(g, va, len);
	if (!n && len)
		gdb_error(g, 14);
	else
		gdb_put_hex(&g->reply, g->data, (u32)n);
	return true;
}

static void write_memory(struct gdb_conn *g, gva va, u64 len)
{
	if (!len || debug_machine->write(va, g->data, len) == 0)
		gdb_ok(g);
	else
		gdb_error(g, 14);
}

static bool cmd_write_memory(struct gdb_conn *g, struct gdb_args *a)
{
	u64 va, len;

	if (address_and_length(a, &va, &len) && gdb_char(a, ':') && len <= sizeof g->data &&
	    gdb_hex_bytes(a, g->data, (u32)len) && a->p == a->end)
		write_memory(g, va, len);
	else
		gdb_error(g, 1);
	return true;
}

static bool cmd_write_binary(struct gdb_conn *g, struct gdb_args *a)
{
	u64 va, len;

	if (address_and_length(a, &va, &len) && gdb_char(a, ':') && len <= sizeof g->data &&
	    gdb_binary(a, g->data, len))
		write_memory(g, va, len);
	else
		gdb_error(g, 1);
	return true;
}

/* ---- breakpoints ---- */

static bool breakpoint(struct gdb_conn *g, struct gdb_args *a, bool set)
{
	u64 va, kind;

	if (!gdb_char(a, '0') && !gdb_char(a, '1'))
		return true;	/* watchpoints: not known */
	if (!gdb_char(a, ',') || !address_and_length(a, &va, &kind)) {
		gdb_error(g, 1);
		return true;
	}
	if (!set)
		debug_break_clear(g->accel, va);
	else if (va & (g->target->insn_align - 1u) || debug_break_set(g->accel, va) < 0) {
		gdb_error(g, 28);
		return true;
	}
	gdb_ok(g);
	return true;
}

static bool cmd_set_break(struct gdb_conn *g, struct gdb_args *a)
{
	return breakpoint(g, a, true);
}

static bool cmd_clear_break(struct gdb_conn *g, struct gdb_args *a)
{
	return breakpoint(g, a, false);
}

/* ---- running ---- */

static bool resume(struct gdb_conn *g, const struct stop_action *actions, u32 count)
{
	if (!count) {
		gdb_error(g, 1);
		return true;
	}
	g->running = true;
	stop_resume(actions, count);
	return false;
}

/* c, C, s, S: of the thread of Hc, or of all; a step is one thread's. */
static bool run(struct gdb_conn *g, struct gdb_args *a, bool step, bool with_signal)
{
	struct stop_action list[2] = { { .tid = g->tid_c ? g->tid_c : g->tid_g, .step = step }, { .tid = ~0ull } };
	u64 number = 0;

	if (with_signal && (!gdb_hex(a, &number) || (number && !gdb_signal_to_linux(number)))) {
		gdb_error(g, 1);
		return true;
	}
	list[0].sig = gdb_signal_to_linux(number);
	/* ";ADDR" or "ADDR": where to go on is never sent by a gdb that has P */
	if (a->p != a->end) {
		gdb_error(g, 1);
		return true;
	}
	return resume(g, list, g->tid_c ? 1 : 2);
}

static bool cmd_continue(struct gdb_conn *g, struct gdb_args *a)
{
	return run(g, a, false, false);
}

static bool cmd_continue_signal(struct gdb_conn *g, struct gdb_args *a)
{
	return run(g, a, false, true);
}

static bool cmd_step(struct gdb_conn *g, struct gdb_args *a)
{
	return run(g, a, true, false);
}

static bool cmd_step_signal(struct gdb_conn *g, struct gdb_args *a)
{
	return run(g, a, true, true);
}

static bool action_kind(struct gdb_args *a, struct stop_action *ret)
{
	bool with_signal = false;
	u64 number;

	*ret = (struct stop_action){ .tid = ~0ull };
	if (gdb_char(a, 'C') || gdb_char(a, 'S')) {
		with_signal = true;
		ret->step = a->p[-1] == 'S';
	} else if (gdb_char(a, 's')) {
		ret->step = true;
	} else if (gdb_char(a, 't')) {
		ret->hold = true;
	} else if (gdb_char(a, 'r')) {
		ret->step = true;
		return gdb_hex(a, &ret->range_start) && gdb_char(a, ',') && gdb_hex(a, &ret->range_end);
	} else if (!gdb_char(a, 'c')) {
		return false;
	}
	if (!with_signal)
		return true;
	if (!gdb_hex(a, &number))
		return false;
	ret->sig = gdb_signal_to_linux(number);
	return ret->sig || !number;
}

static bool vcont_action(struct gdb_conn *g, struct gdb_args *a, struct stop_action *ret)
{
	u64 pid, tid;

	if (!action_kind(a, ret))
		return false;
	if (!gdb_char(a, ':'))
		return true;
	if (!gdb_thread(a, &pid, &tid) || (pid && pid != debug_machine->process_id()))
		return false;
	ret->tid = tid ? tid : g->tid_g;
	return true;
}

static bool vcont(struct gdb_conn *g, struct gdb_args *a)
{
	struct stop_action list[STOP_ACTIONS_MAX];
	u32 n = 0;

	while (gdb_char(a, ';')) {
		if (n == STOP_ACTIONS_MAX || !vcont_action(g, a, &list[n])) {
			gdb_error(g, 1);
			return true;
		}
		n++;
	}
	if (a->p != a->end)
		n = 0;
	return resume(g, list, n);
}

static bool cmd_kill(struct gdb_conn *g, struct gdb_args *a)
{
	g->killing = true;
	return false;	/* has no reply */
}

static bool cmd_v(struct gdb_conn *g, struct gdb_args *a)
{
	if (gdb_word(a, "Cont?"))
		gdb_put(&g->reply, "vCont;c;C;s;S;t;r");
	else if (gdb_word(a, "Cont"))
		return vcont(g, a);
	else if (gdb_word(a, "File:"))
		gdb_file(g, a);
	else if (gdb_word(a, "Kill")) {
		gdb_ok(g);
		g->killing = true;
	}
	return true;
}

static bool cmd_detach(struct gdb_conn *g, struct gdb_args *a)
{
	gdb_ok(g);
	g->closing = true;
	return true;
}

/* ---- threads ---- */

static bool cmd_choose_thread(struct gdb_conn *g, struct gdb_args *a)
{
	bool for_run = gdb_char(a, 'c');
	u64 pid, tid;
	u32 choice;

	if ((!for_run && !gdb_char(a, 'g')) || !gdb_thread(a, &pid, &tid)) {
		gdb_error(g, 1);
		return true;
	}
	choice = gdb_thread_choose(g, pid, tid);
	if (!choice) {
		gdb_error(g, 3);
		return true;
	}
	if (for_run)
		g->tid_c = tid == 0 || tid == ~0ull ? 0 : choice;
	else
		g->tid_g = choice;
	gdb_ok(g);
	return true;
}

static bool cmd_thread_alive(struct gdb_conn *g, struct gdb_args *a)
{
	u64 pid, tid;

	if (gdb_thread(a, &pid, &tid) && tid && tid != ~0ull && gdb_thread_choose(g, pid, tid))
		gdb_ok(g);
	else
		gdb_error(g, 3);
	return true;
}

static bool cmd_why(struct gdb_conn *g, struct gdb_args *a)
{
	gdb_stop_reply(g);
	return true;
}

static bool cmd_query(struct gdb_conn *g, struct gdb_args *a)
{
	gdb_query(g, a);
	return true;
}

static bool cmd_set(struct gdb_conn *g, struct gdb_args *a)
{
	gdb_set(g, a);
	return true;
}

/* ---- the table ---- */

/* True: the reply is to be sent. */
static bool (*const commands[128])(struct gdb_conn *g, struct gdb_args *a) = {
	['?'] = cmd_why,
	['c'] = cmd_continue,
	['C'] = cmd_continue_signal,
	['D'] = cmd_detach,
	['g'] = cmd_read_regs,
	['G'] = cmd_write_regs,
	['H'] = cmd_choose_thread,
	['k'] = cmd_kill,
	['m'] = cmd_read_memory,
	['M'] = cmd_write_memory,
	['p'] = cmd_read_reg,
	['P'] = cmd_write_reg,
	['q'] = cmd_query,
	['Q'] = cmd_set,
	['s'] = cmd_step,
	['S'] = cmd_step_signal,
	['T'] = cmd_thread_alive,
	['v'] = cmd_v,
	['X'] = cmd_write_binary,
	['z'] = cmd_clear_break,
	['Z'] = cmd_set_break,
};

bool gdb_command(struct gdb_conn *g, const u8 *packet, u32 len)
{
	struct gdb_args a = { packet, packet + len };
	bool r;

	g->reply.len = 0;
	g->reply.cut = false;
	if (!len || packet[0] >= ARRAY_SIZE(commands) || !commands[packet[0]])
		return true;
	a.p++;
	r = commands[packet[0]](g, &a);
	if (g->reply.cut)
		gdb_error(g, 1);
	return r;
}

void gdb_conn_begin(struct gdb_conn *g, const struct target *target, const struct accel *accel)
{
	memset(g, 0, sizeof *g);
	g->target = target;
	g->accel = accel;
	g->event = (struct stop_event){ STOP_ASKED, 0, SIGTRAP };
	choose_current(g);
}

void gdb_conn_end(struct gdb_conn *g)
{
	for (u32 i = 0; i < GDB_FILES_MAX; i++) {
		if (g->files[i])
			close(g->files[i] - 1);
		g->files[i] = 0;
	}
}
