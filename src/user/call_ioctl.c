/* ioctl: a table of commands says what the argument is.
 *
 * Numbers are those of asm-generic, which all of our ABIs share. A command of the table has its
 * structure copied when its layout differs, else checked and passed in place. Whole families
 * whose numbers encode their size, and whose structures are made of fixed-width fields (input,
 * DRM, tun, uffd, ...), are passed in place for guests whose structures are the host's. Anything
 * else is ENOTTY with a line in the log, once for each command.
 *
 * Not modelled: families for 32-bit guests or a guest_base other than 0; KVM (a guest of ours
 * cannot use the host's).
 * Threads: the task's own; ioctls may block and are restartable. Spec: ioctl(2), the headers
 * named below.
 */
#include "user/syscall.h"
#include <linux/blkpg.h>
#include <linux/fb.h>
#include <linux/fs.h>
#include <linux/fiemap.h>
#include <linux/hdreg.h>
#include <linux/kd.h>
#include <linux/loop.h>
#include <linux/nsfs.h>
#include <linux/random.h>
#include <linux/rtc.h>
#include <linux/sockios.h>
#include <linux/vt.h>
#include <asm/ioctls.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

/* These take kernel structures that the C library's headers leave out. */
#undef TCGETS2
#undef TCSETS2
#undef TCSETSW2
#undef TCSETSF2
#define TCGETS2 0x802c542a
#define TCSETS2 0x402c542b
#define TCSETSW2 0x402c542c
#define TCSETSF2 0x402c542d
#define BYTES(n) (const char *)(uintptr_t)(n)

enum ioctl_how { IOCTL_NONE, IOCTL_INT, IOCTL_IN, IOCTL_OUT, IOCTL_INOUT, IOCTL_POINTERS, IOCTL_TAIL };

struct ioctl_line {
	const char *name;
	const char *type;	/* a structure's name, or a number of bytes */
	u32 cmd;
	u8 how;			/* enum ioctl_how */
};

static const struct ioctl_line ioctl_lines[] = {
#define IOCTL(cmd, how, type) { #cmd, type, (u32)cmd, IOCTL_##how },
#include "user/ioctls.def"
#undef IOCTL
};

/* Families by the type byte of _IOC, and the range of numbers in it. */
static const struct { u8 type, first, last; } families[] = {
	{ 'd', 0x00, 0xff },	/* DRM */
	{ 'E', 0x00, 0xff },	/* input events */
	{ 'H', 0x00, 0xff },	/* raw HID, hardware-dependent sound */
	{ 'U', 0x00, 0x7f },	/* uinput, USB device files, sound control */
	{ 'V', 0x00, 0xff },	/* video4linux */
	{ 'A', 0x00, 0xff },	/* ALSA PCM, AGP */
	{ 'S', 0x00, 0xff },	/* ALSA sequencer */
	{ 'T', 200, 240 },	/* tun, tap */
	{ 'W', 0x00, 0x1f },	/* watchdogs */
	{ 'f', 0x00, 0xff },	/* ext4, fscrypt, fsverity */
	{ 'X', 0x00, 0xff },	/* xfs */
	{ 'P', 0x40, 0x7f },	/* PPS, printers */
	{ 'i', 0x00, 0x7f },	/* IIO */
	{ 'b', 0x00, 0xff },	/* dma-buf, vfio heaps */
	{ 'm', 0x00, 0xff },	/* MTD */
	{ 'N', 0x40, 0x7f },	/* NVMe */
	{ 0x94, 0x00, 0xff },	/* btrfs */
	{ 0xaa, 0x00, 0xff },	/* userfaultfd */
	{ 0xab, 0x00, 0x1f },	/* nbd */
	{ 0xaf, 0x00, 0xff },	/* vhost */
	{ 0xb4, 0x00, 0x1f },	/* GPIO */
	{ 0xfd, 0x00, 0xff },	/* device mapper */
	{ 0x12, 0x80, 0xff },	/* newer block device commands */
	{ 0x15, 0x00, 0x1f },	/* newer file system commands */
	{ 0xb7, 0x00, 0x1f },	/* namespaces */
	{ 'v', 0x00, 0x3f },	/* ext2 versions, v4l sub-devices */
};

static i64 ioctl_do(const struct call *c, u64 arg)
{
	return call_restart(host_call(SYS_ioctl, c->arg[0], (u32)c->arg[1], arg, 0, 0, 0));
}

/* A plain number of bytes: checked, used in place. */
static i64 ioctl_bytes(const struct call *c, u64 bytes)
{
	u64 host;

	return host_range(c->arg[2], c->arg[2] ? bytes : 0, &host) ? ioctl_do(c, host) : -EFAULT;
}

static i64 ioctl_struct(const struct call *c, const struct ioctl_line *line)
{
	u8 host[512] = { 0 };
	const struct layout *l;
	i64 r;

	if ((uintptr_t)line->type < 4096)
		return ioctl_bytes(c, (uintptr_t)line->type);
	l = layout_of(line->type);
	if (l->same)
		return ioctl_bytes(c, l->host_size);
	assert(l->host_size <= sizeof(host));
	if (line->how != IOCTL_OUT && layout_read(l, host, c->arg[2]))
		return -EFAULT;
	r = ioctl_do(c, (uintptr_t)host);
	if (r >= 0 && line->how != IOCTL_IN && layout_write(l, c->arg[2], host))
		return -EFAULT;
	return r;
}

/* The list of interfaces: a length and an address, which may be 0 to ask for the length. */
static i64 ioctl_ifconf(const struct call *c)
{
	const struct layout *l = layout_of("ifconf");
	struct { i32 len, pad; u64 buf; } conf;
	u64 guest_buf;
	i64 r;

	if (layout_read(l, &conf, c->arg[2]))
		return -EFAULT;
	guest_buf = conf.buf;
	if (conf.len < 0 || !host_range(guest_buf, guest_buf ? (u64)conf.len : 0, &conf.buf))
		return -EFAULT;
	r = ioctl_do(c, (uintptr_t)&conf);
	conf.buf = guest_buf;
	return r >= 0 && layout_write(l, c->arg[2], &conf) ? -EFAULT : r;
}

static i64 ioctl_pointers(const struct call *c, const struct ioctl_line *line)
{
	if (line->cmd == SIOCGIFCONF && !abi_is_32(guest_abi()))
		return ioctl_ifconf(c);
	if (!guest_is_host()) {
		call_missing(line->name, line->cmd);
		return -ENOTTY;
	}
	return ioctl_struct(c, line);
}

static bool in_family(u32 cmd)
{
	for (u32 i = 0; i < ARRAY_SIZE(families); i++)
		if (_IOC_TYPE(cmd) == families[i].type && _IOC_NR(cmd) >= families[i].first &&
		    _IOC_NR(cmd) <= families[i].last)
			return true;
	return false;
}

i64 call_ioctl(struct call *c)
{
	const struct ioctl_line *line = NULL;
	u32 cmd = (u32)c->arg[1];

	if (fd_is_ours((int)c->arg[0]))
		return -EBADF;
	for (u32 i = 0; i < ARRAY_SIZE(ioctl_lines) && !line; i++)
		if (ioctl_lines[i].cmd == cmd)
			line = &ioctl_lines[i];
	if (!line) {
		if (guest_is_host() && in_family(cmd))
			return _IOC_DIR(cmd) == _IOC_NONE ? ioctl_do(c, c->arg[2]) : ioctl_bytes(c, _IOC_SIZE(cmd));
		call_missing("ioctl", cmd);
		return -ENOTTY;
	}
	switch ((enum ioctl_how)line->how) {
	case IOCTL_NONE:
	case IOCTL_INT:
		return ioctl_do(c, c->arg[2]);
	case IOCTL_IN:
	case IOCTL_OUT:
	case IOCTL_INOUT:
		return ioctl_struct(c, line);
	case IOCTL_POINTERS:
		return ioctl_pointers(c, line);
	case IOCTL_TAIL:
		return ioctl_bytes(c, 1);
	}
	return -ENOTTY;
}

/* For strace: a command's name, or NULL. */
const char *ioctl_name(u32 cmd)
{
	for (u32 i = 0; i < ARRAY_SIZE(ioctl_lines); i++)
		if (ioctl_lines[i].cmd == cmd)
			return ioctl_lines[i].name;
	return NULL;
}
