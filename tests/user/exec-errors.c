/* execve: the errors that come before the point of no return, and what a new program inherits. */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

extern char **environ;
static char *x_y[] = { "x", "y", NULL };

static void file(const char *name, const char *text, size_t len, mode_t mode)
{
	int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	NEED(fd >= 0 && write(fd, text, len) == (ssize_t)len && fchmod(fd, mode) == 0);
	close(fd);
}

#define TEXT(name, s, mode) file(name, s, sizeof s - 1, mode)

/* The error of execve, 0 when the program ran and ended with 0. */
static int error_of(const char *path, char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execve(path, argv, environ);
		_exit(errno);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void paths(void)
{
	CHECK(error_of("./none", x_y) == ENOENT);
	CHECK(error_of("", x_y) == ENOENT);
	CHECK(error_of("/tmp", x_y) == EACCES);
	CHECK(error_of("/etc/passwd/x", x_y) == ENOTDIR);
	CHECK(error_of("/dev/null", x_y) == EACCES);
	CHECK(error_of((char *)24, x_y) == EFAULT);
	NEED(symlink("loop", "loop") == 0);
	CHECK(error_of("./loop", x_y) == ELOOP);
}

static void files(void)
{
	TEXT("not-executable", "#!/bin/true\n", 0600);
	CHECK(error_of("./not-executable", x_y) == EACCES);
	TEXT("text", "hello world\n", 0700);
	CHECK(error_of("./text", x_y) == ENOEXEC);
	TEXT("empty", "", 0700);
	CHECK(error_of("./empty", x_y) == ENOEXEC);
	TEXT("cut", "\177ELF\2\1\1", 0700);
	CHECK(error_of("./cut", x_y) == ENOEXEC);
	TEXT("no-interpreter", "#!/no/such\n", 0700);
	CHECK(error_of("./no-interpreter", x_y) == ENOENT);
	TEXT("own-interpreter", "#!./own-interpreter\n", 0700);
	CHECK(error_of("./own-interpreter", x_y) == ELOOP);
}

static void lists(void)
{
	enum { BIG = 3 << 20, LONGEST = 131071 };
	char *big = malloc(BIG), *one[] = { "x", big, NULL }, *many[27], *bad[] = { "x", (char *)16, NULL };

	memset(big, 'a', BIG);
	big[BIG - 1] = 0;
	CHECK(error_of("/proc/self/exe", one) == E2BIG);
	big[LONGEST + 1] = 0;
	CHECK(error_of("/proc/self/exe", one) == E2BIG);
	big[LONGEST] = 0;
	CHECK(error_of("/proc/self/exe", (char *[]){ "x", "child-long", big, NULL }) == 0);
	big[100000] = 0;
	for (int i = 0; i < 26; i++)
		many[i] = big;
	many[26] = NULL;
	CHECK(error_of("/proc/self/exe", many) == E2BIG);
	CHECK(error_of("/proc/self/exe", (char **)8) == EFAULT);
	CHECK(error_of("/proc/self/exe", bad) == EFAULT);
	free(big);
}

static void copy_of_us(const char *name)
{
	int from = open("/proc/self/exe", O_RDONLY), to = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0700);
	char buf[65536];
	ssize_t n;

	NEED(from >= 0 && to >= 0);
	while ((n = read(from, buf, sizeof buf)) > 0)
		NEED(write(to, buf, (size_t)n) == n);
	close(from);
	close(to);
}

/* What the child of inherits() expects: its argv is argv[0], "child", the program's name, whether
 * descriptor 9 is open. */
static int child(char **argv)
{
	struct sigaction act;
	sigset_t mask;
	char path[200];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	NEED(n > 0);
	path[n] = 0;
	CHECK(!strcmp(strrchr(path, '/') + 1, argv[2]));
	CHECK(!strcmp(argv[0], "argv zero") || !strncmp(argv[0], "./", 2));
	sigprocmask(SIG_BLOCK, NULL, &mask);
	CHECK(sigismember(&mask, SIGUSR1) && !sigismember(&mask, SIGUSR2));
	sigaction(SIGUSR2, NULL, &act);
	CHECK(act.sa_handler == SIG_IGN);
	sigaction(SIGTERM, NULL, &act);
	CHECK(act.sa_handler == SIG_DFL);
	CHECK((fcntl(9, F_GETFD) >= 0) == (argv[3][0] == '1'));
	CHECK(getpid() == (pid_t)syscall(SYS_gettid));
	CHECK(getenv("_MIMUS_EXEC") == NULL);
	for (int fd = 3; fd < 9; fd++)
		CHECK(fcntl(fd, F_GETFD) < 0);
	return check_result();
}

static void handler(int sig)
{
}

static void *exec_in_thread(void *argv)
{
	execv("./copy", argv);
	return NULL;
}

static void inherits(void)
{
	char *argv[] = { "argv zero", "child", "copy", "1", NULL };
	sigset_t usr1;
	pthread_t thread;
	pid_t pid;
	int status = -1, fd;

	copy_of_us("copy");
	signal(SIGUSR2, SIG_IGN);
	signal(SIGTERM, handler);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	fd = open("/dev/null", O_RDONLY);
	NEED(dup2(fd, 9) == 9);
	close(fd);
	CHECK(error_of("./copy", argv) == 0);
	CHECK(posix_spawn(&pid, "./copy", NULL, NULL, argv, environ) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(posix_spawn(&pid, "./none", NULL, NULL, argv, environ) == ENOENT);
	TEXT("script", "#!./copy child\n", 0700);
	fcntl(9, F_SETFD, FD_CLOEXEC);
	argv[3] = "0";
	CHECK(error_of("./copy", argv) == 0);
	pid = fork();
	if (pid == 0) {
		fd = open("./copy", O_PATH | O_CLOEXEC);
		syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
		_exit(99);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	pid = fork();
	if (pid == 0) {
		pthread_create(&thread, NULL, exec_in_thread, argv);
		pause();
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

static void busy(void)
{
	int fd;

	copy_of_us("busy");
	fd = open("busy", O_RDWR);
	/* kernels before 6.14 cannot be asked: there it runs */
	CHECK(error_of("./busy", x_y) == ETXTBSY || error_of("./busy", x_y) == 0);
	close(fd);
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/exec-XXXXXX";

	if (argc == 4 && !strcmp(argv[1], "child"))
		return child(argv);
	if (argc == 3 && !strcmp(argv[1], "child-long"))
		return strlen(argv[2]) != 131071;
	if (argc == 2)
		return 0;
	NEED(mkdtemp(folder) && chdir(folder) == 0);
	paths();
	files();
	lists();
	inherits();
	busy();
	NEED(execl("/bin/sh", "sh", "-c", check_failed ? "rm -r \"$0\"; exit 1" : "rm -r \"$0\"", folder, NULL) == 0);
	return 1;
}
