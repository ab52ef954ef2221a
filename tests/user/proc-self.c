/* /proc/self tells about the guest, whatever way leads there. */
#include <elf.h>
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#ifdef __aarch64__
enum { OWN_MACHINE = EM_AARCH64 & 0xff };
#define OWN_CPUINFO "CPU implementer\t"
#else
enum { OWN_MACHINE = EM_RISCV & 0xff };
#define OWN_CPUINFO "isa\t\t: rv64"
#endif

extern char **environ;
static char text[1 << 20];

/* Neither our binary nor our code memory; the program itself may lie in a folder named after us. */
static int hides_mimus(void)
{
	return !strstr(text, "mimus-user") && !strstr(text, "memfd:mimus");
}

static size_t text_len;

static int read_at(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY);
	ssize_t n;

	text_len = 0;
	if (fd < 0)
		return -1;
	while ((n = read(fd, text + text_len, sizeof text - 1 - text_len)) > 0)
		text_len += (size_t)n;
	text[text_len] = 0;
	close(fd);
	return 0;
}

/* The line of maps that holds an address, or NULL. */
static char *line_of(const void *p)
{
	unsigned long start, end;

	for (char *line = text; *line; line = strchr(line, '\n') + 1) {
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 && start <= (unsigned long)p && (unsigned long)p < end)
			return line;
	}
	return NULL;
}

static void maps(const char *self)
{
	char *page = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *line;
	unsigned long last = 0, start, end;
	int local;

	NEED(page != MAP_FAILED && mprotect(page + 4096, 4096, PROT_READ | PROT_EXEC) == 0);
	NEED(read_at(AT_FDCWD, "/proc/self/maps") == 0);
	CHECK((line = line_of((void *)maps)) && strstr(line, " r-xp ") && strstr(line, self));
	CHECK((line = line_of(&local)) && strstr(line, "rw-p") && !strncmp(strchr(line, '\n') - 7, "[stack]", 7));
	CHECK((line = line_of(page)) && strstr(line, " rw-p "));
	CHECK((line = line_of(page + 4096)) && strstr(line, " r-xp "));
	CHECK(hides_mimus());
	for (line = text; *line; line = strchr(line, '\n') + 1) {
		CHECK(sscanf(line, "%lx-%lx", &start, &end) == 2 && start >= last && end > start);
		last = end;
	}
	munmap(page, 12288);
	NEED(read_at(AT_FDCWD, "/proc/self/maps") == 0);
	CHECK(!line_of(page));
	NEED(read_at(AT_FDCWD, "/proc/self/smaps") == 0);
	CHECK(strstr(text, "\nSize: ") && strstr(text, "\nRss: ") && hides_mimus());
}

/* Every spelling gives the same link. */
static void exe(const char *self)
{
	static const char *const paths[] = {
		"/proc/self/exe", "/proc//self/./exe", "/proc/self/../self/exe", "/proc/thread-self/exe",
		"/tmp/../proc/self/exe", NULL, NULL,
	};
	char by_pid[40], by_task[60], link[PATH_MAX], real[PATH_MAX];
	const char *path;
	int dir, fd;

	snprintf(by_pid, sizeof by_pid, "/proc/%d/exe", getpid());
	snprintf(by_task, sizeof by_task, "/proc/self/task/%d/exe", getpid());
	for (int i = 0; i < 7; i++) {
		ssize_t n;

		path = i == 5 ? by_pid : i == 6 ? by_task : paths[i];
		n = readlink(path, link, sizeof link - 1);
		CHECK(n > 0);
		link[n > 0 ? n : 0] = 0;
		if (strcmp(link, self))
			printf("%s: '%s'\n", path, link);
		CHECK(!strcmp(link, self));
		CHECK(realpath(path, real) && !strcmp(real, self));
	}
	CHECK(readlink("/proc/self/exe", link, 3) == 3 && !memcmp(link, self, 3));
	dir = open("/proc/self", O_RDONLY | O_DIRECTORY);
	NEED(dir >= 0);
	CHECK(readlinkat(dir, "exe", link, sizeof link) == (ssize_t)strlen(self));
	NEED(fchdir(dir) == 0);
	CHECK(readlink("exe", link, sizeof link) == (ssize_t)strlen(self));
	CHECK(read_at(dir, "maps") == 0 && strstr(text, self) && hides_mimus());
	CHECK(read_at(AT_FDCWD, "maps") == 0 && strstr(text, self) && hides_mimus());
	NEED(chdir("/") == 0);
	CHECK(read_at(AT_FDCWD, "proc/self/maps") == 0 && strstr(text, self) && hides_mimus());
	close(dir);
	fd = open("/proc/self/exe", O_RDONLY);
	CHECK(fd >= 0 && read(fd, text, 20) == 20 && text[18] == (char)OWN_MACHINE);	/* EM_RISCV */
	close(fd);
	CHECK(readlink("/proc/1/exe", link, sizeof link) != (ssize_t)strlen(self) || memcmp(link, self, strlen(self)));
}

static void words(int argc, char **argv)
{
	size_t at = 0, n = 0;
	char name[16];

	NEED(read_at(AT_FDCWD, "/proc/self/cmdline") == 0);
	for (int i = 0; i < argc; i++) {
		CHECK(!strcmp(text + at, argv[i]));
		at += strlen(argv[i]) + 1;
	}
	CHECK(at == text_len);
	NEED(read_at(AT_FDCWD, "/proc/self/environ") == 0);
	for (at = 0; at < text_len && environ[n]; n++) {
		CHECK(!strcmp(text + at, environ[n]));
		at += strlen(text + at) + 1;
	}
	CHECK(at == text_len && !environ[n]);
	NEED(read_at(AT_FDCWD, "/proc/self/auxv") == 0);
	CHECK(text_len >= 32 && text_len % 16 == 0);
	for (at = 0; at + 16 <= text_len; at += 16) {
		unsigned long pair[2];

		memcpy(pair, text + at, 16);
		if (pair[0] == AT_NULL)
			break;
		CHECK(getauxval(pair[0]) == pair[1]);
	}
	prctl(PR_GET_NAME, name);
	NEED(read_at(AT_FDCWD, "/proc/self/comm") == 0);
	CHECK(text_len == strlen(name) + 1 && !memcmp(text, name, strlen(name)));
	NEED(read_at(AT_FDCWD, "/proc/self/stat") == 0);
	CHECK(strstr(text, name));
	NEED(read_at(AT_FDCWD, "/proc/self/status") == 0);
	CHECK(strstr(text, name) && strstr(text, "SigCgt:\t0000000000000000"));
	NEED(read_at(AT_FDCWD, "/proc/cpuinfo") == 0);
	CHECK(strstr(text, OWN_CPUINFO) && !strstr(text, "GenuineIntel"));
}

/* Descriptors of the emulator do not show. */
static void descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	int count = 0;

	NEED(dir);
	while ((e = readdir(dir)))
		count += e->d_name[0] != '.' && strtol(e->d_name, NULL, 10) > 2 &&
			 strtol(e->d_name, NULL, 10) != dirfd(dir);
	closedir(dir);
	CHECK(count == 0);
	CHECK(open("/dev/null", O_RDONLY) == 3);
	close(3);
}

static void refused(void)
{
	CHECK(open("/proc/self/nosuch", O_RDONLY) < 0 && errno == ENOENT);
	CHECK(readlink("/proc/self/maps", text, 10) < 0 && errno == EINVAL);
}

int main(int argc, char **argv)
{
	char self[PATH_MAX];

	NEED(realpath(argv[0], self));
	for (int fd = 3; fd < 1024; fd++)
		close(fd);	/* what the test's runner left open */
	words(argc, argv);
	descriptors();
	maps(self);
	exe(self);
	refused();
	return check_result();
}
