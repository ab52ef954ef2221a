/* Log items and where they are written (log.h).
 *
 * Each call formats into a buffer on its stack and hands that to one write(2)
 * on a descriptor opened for appending, so threads and a forked child may log
 * at once without a lock.  A write that fails is dropped: a full disk must not
 * change what the guest sees.
 */
#include "base/log.h"
#include "base/str.h"
#include <fcntl.h>
#include <unistd.h>

static const struct {
	const char *name;
	u32 mask;
	const char *help;
} items[] = {
	{ "in_asm", LOG_IN_ASM, "guest instructions of every block translated" },
	{ "ir", LOG_IR, "intermediate code of every block, before the passes" },
	{ "ir_opt", LOG_IR_OPT, "intermediate code after the passes" },
	{ "out_asm", LOG_OUT_ASM, "host instructions of every block" },
	{ "exec", LOG_EXEC, "a line for each block entered (with nochain: for all)" },
	{ "cpu", LOG_CPU, "the registers at each block entered" },
	{ "strace", LOG_STRACE, "system calls, like -strace" },
	{ "int", LOG_INT, "exceptions, interrupts and signals" },
	{ "page", LOG_PAGE, "the guest's memory map when it changes at start" },
	{ "unimp", LOG_UNIMP, "what the guest asked for and is missing here" },
	{ "guest_errors", LOG_GUEST_ERROR, "what the guest does that hardware forbids" },
	{ "nochain", LOG_NOCHAIN, "never jump from block to block directly" },
	/* QEMU's names for the same things */
	{ "op", LOG_IR, "the same as ir" },
	{ "op_opt", LOG_IR_OPT, "the same as ir_opt" },
};

u32 log_mask;
static int fd = STDERR_FILENO;

int log_fd(void)
{
	return fd;
}

void log_use(int new_fd)
{
	assert(new_fd >= 0);
	fd = new_fd;
}

void log_text(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

void log_write(const char *fmt, ...)
{
	char buf[LOG_LINE_MAX];
	struct str s = STR(buf);
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	str_vadd(&s, fmt, ap);
	va_end(ap);
	if (s.cut)
		s.buf[s.len - 1] = '\n';
	log_text(s.buf, s.len);
	errno = saved;
}

const char *log_describe(u32 n, const char **ret_help)
{
	if (n >= ARRAY_SIZE(items))
		return NULL;
	*ret_help = items[n].help;
	return items[n].name;
}

static u32 item_mask(const char *name, size_t len)
{
	if (len == 3 && !memcmp(name, "all", 3))
		return ((u32)LOG_NOCHAIN - 1) & ~(u32)LOG_STRACE;
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		if (strlen(items[i].name) == len && !memcmp(items[i].name, name, len))
			return items[i].mask;
	}
	return 0;
}

int log_parse(const char *text, u32 *ret_mask, struct error *err)
{
	u32 mask = 0;

	while (*text) {
		size_t len = strcspn(text, ",");
		u32 m = item_mask(text, len);

		if (!m)
			return fail(err, EINVAL, "unknown log item '%.*s'; '-d help' lists them",
				    (int)len, text);
		mask |= m;
		text += len + (text[len] == ',');
	}
	*ret_mask = mask;
	return 0;
}

int log_open(const char *name, bool append, struct error *err)
{
	char path[4096];
	struct str s = STR(path);
	const char *mark = strstr(name, "%d");
	int new_fd;

	if (mark)
		str_add(&s, "%.*s%d%s", (int)(mark - name), name, (int)getpid(), mark + 2);
	else
		str_puts(&s, name);
	if (s.cut)
		return fail(err, ENAMETOOLONG, "log file '%s': name too long", name);
	new_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (append ? 0 : O_TRUNC),
		      0666);
	if (new_fd < 0)
		return fail(err, errno, "log file '%s': %s", path, strerror(errno));
	fd = new_fd;
	return 0;
}
