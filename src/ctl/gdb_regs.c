/* Registers as gdb sees them, all from the target's tables: their description, reading, writing; signal numbers.
 *
 * A register of fewer than four bytes is shown as an int of 32 bits.  The order of bytes is the guest's.
 * Spec: Debugging with GDB, appendices E.2 (g, G, p, P) and G (target descriptions); numbers of signals:
 * include/gdb/signals.def.
 */
#include "ctl/gdb_stub.h"
#include <elf.h>
#include <signal.h>

enum { XML_MAX = 128 << 10 };

static u32 shown_bytes(const struct target_reg *r)
{
	return r->bytes < 4 ? 4 : r->bytes;
}

/* ---- target description ---- */

static void describe_feature(struct str *s, const struct target_gdb_feature *f)
{
	str_add(s, "<feature name=\"%s\">\n", f->name);
	for (u32 i = 0; i < f->count; i++) {
		const struct target_reg *r = &f->regs[i];

		str_add(s, "<reg name=\"%s\" bitsize=\"%u\" regnum=\"%u\" type=\"%s\"/>\n", r->name, shown_bytes(r) * 8,
			f->first + i, r->gdb_type);
	}
	str_puts(s, "</feature>\n");
}

const char *gdb_target_xml(const struct target *target)
{
	static char *text;
	struct str s;

	if (text)
		return text;
	text = xcalloc(1, XML_MAX);
	s = str_init(text, XML_MAX);
	str_add(&s, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
		    "<architecture>%s</architecture>\n", target->gdb_arch);
	if (target->linux_abi)
		str_puts(&s, "<osabi>GNU/Linux</osabi>\n");
	for (u32 i = 0; i < target->gdb_count; i++)
		describe_feature(&s, &target->gdb[i]);
	str_puts(&s, "</target>\n");
	assert(!s.cut);
	return text;
}

/* ---- values ---- */

/* Little-endian value to the guest's order, or back. */
static void to_guest_order(const struct target *t, u8 *bytes, u32 len)
{
	for (u32 i = 0; t->elf_data == ELFDATA2MSB && i < len / 2; i++) {
		u8 was = bytes[i];

		bytes[i] = bytes[len - 1 - i];
		bytes[len - 1 - i] = was;
	}
}

static const struct target_reg *find_reg(const struct target *t, u64 number)
{
	for (u32 i = 0; i < t->gdb_count; i++)
		if (number - t->gdb[i].first < t->gdb[i].count)
			return &t->gdb[i].regs[number - t->gdb[i].first];
	return NULL;
}

struct access {
	struct gdb_conn *g;
	const struct target_reg *reg;
	struct gdb_args *args;
};

static void put_reg(struct access *x, struct vcpu *cpu, const struct target_reg *r)
{
	u8 bytes[TARGET_REG_BYTES];

	target_reg_get(cpu, r, bytes);
	to_guest_order(x->g->target, bytes, shown_bytes(r));
	gdb_put_hex(&x->g->reply, bytes, shown_bytes(r));
}

static bool take_reg(struct access *x, struct vcpu *cpu, const struct target_reg *r)
{
	u8 bytes[TARGET_REG_BYTES] = { 0 };

	if (!gdb_hex_bytes(x->args, bytes, shown_bytes(r)))
		return false;
	to_guest_order(x->g->target, bytes, shown_bytes(r));
	target_reg_set(cpu, r, bytes);
	return true;
}

static bool read_all(struct vcpu *cpu, void *opaque)
{
	struct access *x = opaque;
	const struct target *t = x->g->target;

	for (u32 i = 0; i < t->gdb_count; i++)
		for (u32 k = 0; k < t->gdb[i].count; k++)
			put_reg(x, cpu, &t->gdb[i].regs[k]);
	return true;
}

/* Registers behind the packet's end stay as they are. */
static bool write_all(struct vcpu *cpu, void *opaque)
{
	struct access *x = opaque;
	const struct target *t = x->g->target;

	for (u32 i = 0; i < t->gdb_count; i++)
		for (u32 k = 0; k < t->gdb[i].count; k++)
			if (!take_reg(x, cpu, &t->gdb[i].regs[k]))
				return x->args->p == x->args->end && i + k > 0;
	return true;
}

static bool read_one(struct vcpu *cpu, void *opaque)
{
	struct access *x = opaque;

	put_reg(x, cpu, x->reg);
	return true;
}

static bool write_one(struct vcpu *cpu, void *opaque)
{
	struct access *x = opaque;

	return take_reg(x, cpu, x->reg);
}

bool gdb_regs_read_all(struct gdb_conn *g, u32 tid)
{
	struct access x = { g, NULL, NULL };

	return stop_with_vcpu(tid, read_all, &x);
}

bool gdb_regs_write_all(struct gdb_conn *g, u32 tid, struct gdb_args *a)
{
	struct access x = { g, NULL, a };

	return stop_with_vcpu(tid, write_all, &x);
}

bool gdb_reg_read(struct gdb_conn *g, u32 tid, u64 number)
{
	struct access x = { g, find_reg(g->target, number), NULL };

	return x.reg && stop_with_vcpu(tid, read_one, &x);
}

bool gdb_reg_write(struct gdb_conn *g, u32 tid, u64 number, struct gdb_args *a)
{
	struct access x = { g, find_reg(g->target, number), a };

	return x.reg && stop_with_vcpu(tid, write_one, &x);
}

/* ---- signals ---- */

enum { GDB_SIGNAL_UNKNOWN = 143, FIRST_RT = 32, LAST_RT = 64 };

/* gdb's number for Linux's 1 to 31; 16 (SIGSTKFLT) has none. */
static const u8 signals[FIRST_RT] = {
	[SIGHUP] = 1, [SIGINT] = 2, [SIGQUIT] = 3, [SIGILL] = 4, [SIGTRAP] = 5, [SIGABRT] = 6, [SIGFPE] = 8,
	[SIGKILL] = 9, [SIGBUS] = 10, [SIGSEGV] = 11, [SIGSYS] = 12, [SIGPIPE] = 13, [SIGALRM] = 14, [SIGTERM] = 15,
	[SIGURG] = 16, [SIGSTOP] = 17, [SIGTSTP] = 18, [SIGCONT] = 19, [SIGCHLD] = 20, [SIGTTIN] = 21, [SIGTTOU] = 22,
	[SIGIO] = 23, [SIGXCPU] = 24, [SIGXFSZ] = 25, [SIGVTALRM] = 26, [SIGPROF] = 27, [SIGWINCH] = 28,
	[SIGUSR1] = 30, [SIGUSR2] = 31, [SIGPWR] = 32,
};

u32 gdb_signal(int sig)
{
	if (sig > 0 && sig < FIRST_RT)
		return signals[sig] ? signals[sig] : GDB_SIGNAL_UNKNOWN;
	if (sig == FIRST_RT)
		return 77;
	if (sig == LAST_RT)
		return 78;
	return sig > FIRST_RT && sig < LAST_RT ? 45 + (u32)sig - 33 : 0;
}

int gdb_signal_to_linux(u64 number)
{
	for (int sig = 1; sig <= LAST_RT; sig++)
		if (gdb_signal(sig) == number && number != GDB_SIGNAL_UNKNOWN)
			return sig;
	return 0;
}
