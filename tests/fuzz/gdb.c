/* Fuzzes the gdb stub from its socket's side: the input is what gdb sends, byte by byte.
 *
 * The machine behind it is one vCPU that never runs and 4 KiB of memory; a packet that resumes it is
 * followed by a stop at once.  What is looked for: accesses beyond a buffer, asserts, endless loops.
 */
#include "ctl/gdb_stub.h"
#include "cpu/accel.h"
#include "cpu/cpu.h"
#include "obj/module.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>

enum { MEMORY = 4096, BASE = 0x10000, TID = 0x123 };

static u8 memory[MEMORY];
static struct vcpu *cpu;
static struct gdb_conn conn;
static struct gdb_input input;
static u8 frame[GDB_PACKET_MAX + 4];

static u32 fake_id(void)
{
	return TID;
}

static u32 fake_thread_id(const struct vcpu *c)
{
	return TID;
}

static void fake_text(const struct vcpu *c, struct str *s)
{
	str_puts(s, "fuzzed");
}

static void fake_poke(struct vcpu *c)
{
}

static int fake_read(gva va, void *buf, u64 len)
{
	if (va < BASE || len > MEMORY || va - BASE > MEMORY - len)
		return -EFAULT;
	memcpy(buf, memory + (va - BASE), len);
	return 0;
}

static int fake_write(gva va, const void *buf, u64 len)
{
	if (va < BASE || len > MEMORY || va - BASE > MEMORY - len)
		return -EFAULT;
	memcpy(memory + (va - BASE), buf, len);
	return 0;
}

static u32 fake_trap_info(const struct vcpu *c, enum debug_trap why, void *buf, u32 size)
{
	memset(buf, 0, size);
	return size;
}

static void fake_send_signal(struct vcpu *c, int sig)
{
	assert(sig > 0 && sig <= 64);
}

static void fake_kill(void)
{
}

static int fake_keep(int fd)
{
	return fd;
}

static const char *fake_path(void)
{
	return "/bin/fuzzed}$#*";
}

static i64 fake_auxv(u64 offset, void *buf, u64 len)
{
	memset(buf, '}', len);
	return (i64)len;
}

static int fake_open(const char *path)
{
	int fd = path[0] == 'x' ? open("/proc/self/exe", O_RDONLY | O_CLOEXEC) : -1;

	return fd < 0 ? -ENOENT : fd;
}

static i64 fake_readlink(const char *path, char *buf, u64 size)
{
	memset(buf, '#', size);
	return (i64)size;
}

static const struct debug_machine machine = {
	.process_id = fake_id,
	.thread_id = fake_thread_id,
	.thread_text = fake_text,
	.poke = fake_poke,
	.read = fake_read,
	.write = fake_write,
	.trap_info = fake_trap_info,
	.send_signal = fake_send_signal,
	.kill = fake_kill,
	.keep_fd = fake_keep,
	.exec_path = fake_path,
	.auxv = fake_auxv,
	.open = fake_open,
	.readlink = fake_readlink,
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const struct target *target = target_find("riscv64");
	static const struct accel accel = { .name = "none" };
	struct error err;
	struct cpu *model;

	module_call_init(MODULE_QOM);
	if (!target || cpu_new(target, NULL, &model, &err) < 0)
		abort();
	debug_machine = &machine;
	cpu = vcpu_new(target, &accel, cpu_model(model, &err));
	vcpu_list_add(cpu);
	stop_init(eventfd(0, EFD_NONBLOCK));
	return 0;
}

static void begin(void)
{
	memset(&input, 0, sizeof input);
	stop_attach(cpu, false);
	gdb_conn_begin(&conn, cpu->target, cpu->accel);
}

static void end(void)
{
	stop_detach(cpu->accel);
	gdb_conn_end(&conn);
}

static void packet(void)
{
	if (gdb_command(&conn, input.buf, input.len)) {
		u32 len = gdb_frame(&conn.reply, frame);

		assert(len <= sizeof frame && frame[0] == '$' && frame[len - 3] == '#');
	}
	if (conn.closing || conn.killing) {
		end();
		begin();
	} else if (conn.running) {
		stop_detach(cpu->accel);
		stop_attach(cpu, false);
		conn.running = false;
		conn.reply.len = 0;
		gdb_stop_reply(&conn);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	begin();
	for (size_t i = 0; i < size; i++) {
		/* Checksums are a hurdle for the fuzzer, not for an attacker: "#" and anything passes. */
		if (data[i] == '#' && input.state == 1) {
			input.buf[input.len] = 0;
			input.state = 0;
			packet();
		} else if (gdb_input_byte(&input, data[i]) == GDB_PACKET) {
			packet();
		}
	}
	end();
	return 0;
}
