/* -strace: a line for each system call, printed from the same table that runs it.
 *
 * "PID name(arguments) = result". The arguments up to the first that the call fills are printed
 * before it, the others after; the line goes out whole when the call returns, so that threads do
 * not mix. Calls that do not return are printed before they are made. Strings are quoted and cut
 * at 32 bytes (paths are whole), structures are shown by their fields as their layout names them,
 * flags by name (strace_sets.c).
 *
 * Not modelled: the insides of control data, many messages and ioctl structures: an address is
 * printed.
 * Threads: the text is the thread's own.
 */
#include "user/syscall.h"
#include "base/log.h"
#include "base/str.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <time.h>

enum { O_TMPFILE_BIT = 0x400000, TEXT_CUT = 32, VECTOR_CUT = 4, FIELDS_CUT = 8 };

static _Thread_local struct {
	char text[LOG_LINE_MAX - 128];
	struct str s;
	u32 next;		/* argument to print next */
} line;

static void print_hex(struct str *s, u64 v)
{
	if (v)
		str_add(s, "%#llx", (unsigned long long)v);
	else
		str_puts(s, "NULL");
}

static void print_quoted(struct str *s, const u8 *p, u64 len, bool more)
{
	str_putc(s, '"');
	for (u64 i = 0; i < len; i++) {
		switch (p[i]) {
		case '\n':
			str_puts(s, "\\n");
			break;
		case '\t':
			str_puts(s, "\\t");
			break;
		case '\r':
			str_puts(s, "\\r");
			break;
		case '"':
		case '\\':
			str_putc(s, '\\');
			str_putc(s, (char)p[i]);
			break;
		default:
			if (p[i] >= 0x20 && p[i] < 0x7f)
				str_putc(s, (char)p[i]);
			else
				str_add(s, "\\%o", p[i]);
			break;
		}
	}
	str_puts(s, more ? "\"..." : "\"");
}

static void print_bytes(struct str *s, gva va, u64 len)
{
	u64 n = min_u64(len, TEXT_CUT);
	u8 buf[TEXT_CUT];

	if (!va || !guest_range_ok(va, n) || guest_read(buf, va, n))
		print_hex(s, va);
	else
		print_quoted(s, buf, n, len > n);
}

static void print_string(struct str *s, gva va)
{
	char buf[1024];
	i64 len;

	if (!va || !guest_range_ok(va, 1)) {
		print_hex(s, va);
		return;
	}
	len = guest_read_string(buf, va, sizeof(buf));
	if (len == -ENAMETOOLONG)
		print_quoted(s, (const u8 *)buf, sizeof(buf) - 1, true);
	else if (len < 0)
		print_hex(s, va);
	else
		print_quoted(s, (const u8 *)buf, (u64)len, false);
}

static void print_strings(struct str *s, gva va)
{
	u32 word = abi_is_32(guest_abi()) ? 4 : 8;

	str_putc(s, '[');
	for (u32 i = 0; va && i < 32; i++) {
		u64 p = 0;

		if (!guest_range_ok(va + i * word, word) || guest_read(&p, va + i * word, word) || !p)
			break;
		if (i)
			str_puts(s, ", ");
		print_string(s, p);
	}
	str_putc(s, ']');
}

/* One value of a field in host form. */
static void print_field(struct str *s, const struct layout_field *f, const u8 *host)
{
	u64 v = 0;

	if (f->kind == 'a' || f->host_size > 8) {
		str_puts(s, "...");
		return;
	}
	memcpy(&v, host + f->host, f->host_size);
	if (f->kind == 's')
		str_add(s, "%lld", (long long)sign_extend(v, f->host_size ? f->host_size * 8 : 64));
	else if (f->kind == 'p')
		print_hex(s, v);
	else
		str_add(s, v < 1000000 ? "%llu" : "%#llx", (unsigned long long)v);
}

/* A structure: its first fields by name; plain numbers without. */
static void print_one(struct str *s, const struct layout *l, gva va)
{
	u8 host[1024];

	if (l->host_size == 0 || l->host_size > sizeof(host) || !l->count) {
		print_hex(s, va);
		return;
	}
	if (layout_read(l, host, va)) {
		print_hex(s, va);
		return;
	}
	if (l->count == 1 && strncmp(l->field[0].name, "value ", 6) == 0) {
		print_field(s, &l->field[0], host);
		return;
	}
	str_putc(s, '{');
	for (u32 i = 0; i < l->count && i < FIELDS_CUT; i++) {
		const struct layout_field *f = &l->field[i];

		str_add(s, "%s%.*s=", i ? ", " : "", (int)strcspn(f->name, " "), f->name);
		print_field(s, f, host);
	}
	str_puts(s, l->count > FIELDS_CUT ? ", ...}" : "}");
}

/* struct stat as strace shows it: what matters. */
static void print_stat(struct str *s, const struct layout *l, gva va)
{
	u8 host[256];
	u32 mode;
	i64 size;

	if (l->host_size > sizeof(host) || layout_read(l, host, va)) {
		print_hex(s, va);
		return;
	}
	memcpy(&mode, host + 24, 4);
	memcpy(&size, host + 48, 8);
	str_add(s, "{st_mode=0%o, st_size=%lld, ...}", mode, (long long)size);
}

static void print_struct(struct str *s, const struct call *c, const struct arg *a, gva va, i64 result)
{
	const struct layout *l = a->layout;
	u64 n = 1, shown;

	if (!va || !l) {
		print_hex(s, va);
		return;
	}
	if (a->count == COUNT_FIXED)
		n = a->ref;
	else if (a->count == COUNT_ARG)
		n = c->arg[a->ref];
	else if (a->count == COUNT_BYTES && l->guest_size > c->arg[a->ref])
		n = 0;
	if (a->dir == ARG_OUT && a->count == COUNT_ARG && c->line->ret == RET_count)
		n = result > 0 ? min_u64(n, (u64)result) : 0;
	if (a->count == COUNT_ONE && strcmp(l->name, "stat") == 0) {
		print_stat(s, l, va);
		return;
	}
	if (a->count == COUNT_ONE || a->count == COUNT_BYTES) {
		if (n)
			print_one(s, l, va);
		else
			print_hex(s, va);
		return;
	}
	shown = min_u64(n, VECTOR_CUT);
	str_putc(s, '[');
	for (u64 i = 0; i < shown; i++) {
		str_puts(s, i ? ", " : "");
		print_one(s, l, va + i * l->guest_size);
	}
	str_puts(s, n > shown ? ", ...]" : "]");
}

/* `count` vectors; bytes that a call filled are `result` in all. */
static void print_iovec(struct str *s, gva va, u64 count, bool in, i64 result)
{
	const struct layout *l = layout_of("iovec");
	u64 n = min_u64(count, VECTOR_CUT), left = result > 0 ? (u64)result : 0;
	struct iovec v;

	str_putc(s, '[');
	for (u64 i = 0; i < n; i++) {
		if (layout_read(l, &v, va + i * l->guest_size))
			break;
		u64 len = in ? v.iov_len : min_u64(left, v.iov_len);

		left -= min_u64(left, len);
		str_puts(s, i ? ", {" : "{");
		print_bytes(s, (uintptr_t)v.iov_base, len);
		str_add(s, ", %llu}", (unsigned long long)v.iov_len);
	}
	str_puts(s, count > n ? ", ...]" : "]");
}

static void print_message(struct str *s, gva va, bool in, i64 result)
{
	struct msghdr m;

	if (layout_read(layout_of("msghdr"), &m, va)) {
		print_hex(s, va);
		return;
	}
	str_puts(s, "{msg_iov=");
	print_iovec(s, (uintptr_t)m.msg_iov, m.msg_iovlen, in, result);
	str_add(s, ", msg_namelen=%u, msg_controllen=%llu, msg_flags=%#x}", m.msg_namelen,
		(unsigned long long)m.msg_controllen, (u32)m.msg_flags);
}

static void print_sockaddr(struct str *s, gva va, u64 len)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		u8 raw[128];
	} u;
	char text[INET6_ADDRSTRLEN];

	memset(&u, 0, sizeof(u));
	len = min_u64(len, sizeof(u.raw) - 1);
	if (!va || len < 2 || !guest_range_ok(va, len) || guest_read(&u, va, len)) {
		print_hex(s, va);
		return;
	}
	switch (u.sa.sa_family) {
	case AF_INET:
		str_add(s, "{AF_INET, %s:%u}", inet_ntop(AF_INET, &u.in.sin_addr, text, sizeof(text)),
			ntohs(u.in.sin_port));
		break;
	case AF_INET6:
		str_add(s, "{AF_INET6, [%s]:%u}", inet_ntop(AF_INET6, &u.in6.sin6_addr, text, sizeof(text)),
			ntohs(u.in6.sin6_port));
		break;
	case AF_UNIX:
		str_puts(s, "{AF_UNIX, ");
		print_quoted(s, (const u8 *)u.un.sun_path, u.un.sun_path[0] ? strlen(u.un.sun_path) : len - 2, false);
		str_putc(s, '}');
		break;
	default:
		str_add(s, "{sa_family=%u, ...}", u.sa.sa_family);
		break;
	}
}

static u32 behind(gva va)
{
	u32 v = 0;

	return va && guest_range_ok(va, 4) && guest_read(&v, va, 4) == 0 ? v : 0;
}

static bool is_set(const struct arg *a, const char *name)
{
	return a->set_len == strlen(name) && strncmp(a->set, name, a->set_len) == 0;
}

static void print_flags(struct str *s, const struct call *c, const struct arg *a, u64 v)
{
	if (is_set(a, "O")) {
		const char *set = strstr(c->line->name, "open") ? "O" : "O_but_open";

		strace_set(s, set, (u32)strlen(set), open_flags_to_host(guest_abi(), v));
		return;
	}
	if ((!is_set(a, "SO") || c->arg[1] == SOL_SOCKET) &&
	    strace_set(s, a->set, a->set_len, a->kind == ARG_FLAGS ? v : (u32)v))
		return;
	if (a->kind == ARG_FLAGS)
		str_add(s, v ? "%#llx" : "%llu", (unsigned long long)v);
	else
		str_add(s, "%d", (i32)v);
}

/* Numbers: by the word in the table. */
static void print_number(struct str *s, const struct arg *a, u64 v)
{
	switch (a->kind) {
	case ARG_DIRFD:
		if ((i32)v == AT_FDCWD) {
			str_puts(s, "AT_FDCWD");
			break;
		}
		str_add(s, "%d", (i32)v);
		break;
	case ARG_MODE:
		str_add(s, v ? "0%o" : "%o", (u32)v);
		break;
	case ARG_SIG:
		if (!strace_set(s, "SIG", 3, (u32)v))
			str_add(s, "%d", (i32)v);
		break;
	case ARG_CLOCK:
		if (!strace_set(s, "CLOCK", 5, (u32)v))
			str_add(s, "%d", (i32)v);
		break;
	case ARG_LONG:
	case ARG_OFF:
	case ARG_PAIR:
	case ARG_HALF:
		str_add(s, "%lld", (long long)v);
		break;
	case ARG_ULONG:
		str_add(s, v < 1ull << 40 ? "%llu" : "%#llx", (unsigned long long)v);
		break;
	default:
		if (a->word_len == 4 && strncmp(a->word, "uint", 4) == 0)
			str_add(s, "%u", (u32)v);
		else
			str_add(s, "%d", (i32)v);
		break;
	}
}

static void print_buffer(struct str *s, const struct call *c, const struct arg *a, u64 v, i64 result)
{
	u64 len = a->count == COUNT_BEHIND ? behind(c->arg[a->ref]) : c->arg[a->ref];

	if (a->dir == ARG_OUT && a->count != COUNT_BEHIND)
		len = result > 0 ? (c->line->ret == RET_size ? min_u64(len, (u64)result) : 0) : 0;
	if (len)
		print_bytes(s, v, len);
	else
		print_hex(s, v);
}

static void print_arg(struct str *s, const struct call *c, const struct arg *a, u64 v, i64 result)
{
	switch (a->kind) {
	case ARG_PATH:
	case ARG_CSTR:
		print_string(s, v);
		break;
	case ARG_ARGV:
		print_strings(s, v);
		break;
	case ARG_BUF:
		print_buffer(s, c, a, v, result);
		break;
	case ARG_STRUCT:
		print_struct(s, c, a, v, result);
		break;
	case ARG_IOVEC:
		print_iovec(s, v, c->arg[a->ref], a->dir == ARG_IN, result);
		break;
	case ARG_MSGHDR:
		print_message(s, v, a->dir == ARG_IN, result);
		break;
	case ARG_SOCKADDR:
		print_sockaddr(s, v, a->count == COUNT_BEHIND || a->dir == ARG_OUT ? behind(c->arg[a->ref]) :
			       (u32)c->arg[a->ref]);
		break;
	case ARG_SIGSET: {
		u64 set;

		if (!v || !guest_range_ok(v, 8) || guest_read(&set, v, 8))
			print_hex(s, v);
		else
			str_add(s, "[%#llx]", (unsigned long long)set);
		break;
	}
	case ARG_FLAGS:
		print_flags(s, c, a, v);
		break;
	case ARG_CMD: {
		const char *name = a->set ? NULL : ioctl_name((u32)v);

		if (name)
			str_puts(s, name);
		else if (!a->set)
			str_add(s, "%#x", (u32)v);
		else
			print_flags(s, c, a, v);
		break;
	}
	case ARG_PTR:
	case ARG_RANGE:
	case ARG_FDSET:
	case ARG_BITMAP:
	case ARG_DIRENT:
	case ARG_MMSGHDR:
	case ARG_BY_CMD:
		print_hex(s, v);
		break;
	default:
		print_number(s, a, v);
		break;
	}
}

/* Print from the next argument: before the call up to the first that it fills, afterwards all. */
static void print_args(struct call *c, bool before, i64 result)
{
	struct args room;
	const struct args *a = syscall_args(c->line, guest_abi(), &room);

	for (; line.next < a->count; line.next++) {
		const struct arg *arg = &a->arg[line.next];

		if (before && (arg->dir & ARG_OUT))
			return;
		/* no mode where nothing is made */
		if (arg->kind == ARG_MODE && line.next && is_set(arg - 1, "O") &&
		    !(c->arg[line.next - 1] & (O_CREAT | O_TMPFILE_BIT)))
			continue;
		if (line.next)
			str_puts(&line.s, ", ");
		print_arg(&line.s, c, arg, c->arg[line.next], result);
	}
}

static void line_out(void)
{
	if (line.s.cut)
		log_write("%s...\n", line.text);
	else
		log_write("%s\n", line.text);
}

/* Ends the thread, or leaves registers that are not a result. */
static bool no_return(const struct syscall_line *l) { return l->ret == RET_none || l->ret == RET_special; }

void strace_enter(struct call *c)
{
	line.s = STR(line.text);
	line.next = 0;
	str_add(&line.s, "%d %s(", (int)c->task->tid, c->line->name);
	print_args(c, true, 0);
	if (no_return(c->line)) {
		print_args(c, false, 0);
		str_puts(&line.s, ") = ?");
		line_out();
	}
}

static void print_result(struct str *s, const struct call *c, i64 r)
{
	const char *name;

	if (r < 0 && r >= -4095) {
		name = strace_errno((u64)-r);
		if (r == -CALL_RESTART || r == -CALL_RESTART_NOHAND || r == -CALL_RESTART_NOINTR)
			str_puts(s, "? (to be restarted)");
		else if (name)
			str_add(s, "-1 %s (%s)", name, strerror((int)-r));
		else
			str_add(s, "-1 errno %lld", (long long)-r);
		return;
	}
	if (c->line->ret == RET_addr || c->line->ret == RET_ptr)
		str_add(s, "%#llx", (unsigned long long)r);
	else
		str_add(s, "%lld", (long long)r);
}

void strace_leave(struct call *c, i64 result)
{
	if (no_return(c->line)) {
		if (result >= 0 || result == -CALL_NO_RETURN)
			return;
		/* an execve that failed: the line above stays, the reason follows */
		line.s = STR(line.text);
		str_add(&line.s, "%d %s(...) = ", (int)c->task->tid, c->line->name);
	} else {
		print_args(c, false, result);
		str_puts(&line.s, ") = ");
	}
	print_result(&line.s, c, result);
	line_out();
}
