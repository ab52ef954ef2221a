/* What tests/root/run runs inside its root: words tell what to do, one after another.  Static, for each machine. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__riscv)
#define MACHINE "riscv64"
#elif defined(__aarch64__)
#define MACHINE "aarch64"
#else
#define MACHINE "x86_64"
#endif

static void print_file(const char *path)
{
	char buf[256];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof buf);

	if (n < 0)
		printf("%s: %s\n", path, strerror(errno));
	else
		printf("%.*s", (int)n, buf);
	if (fd >= 0)
		close(fd);
}

static void print_link(const char *path)
{
	char buf[4096];
	ssize_t n = readlink(path, buf, sizeof buf - 1);

	printf("%.*s\n", n < 0 ? 0 : (int)n, buf);
}

static void spawn(char **argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execv(argv[0], argv);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("child: signal %d\n", WTERMSIG(status));
	else
		printf("child: status %d\n", WEXITSTATUS(status));
}

static volatile sig_atomic_t got;

static void on_signal(int sig)
{
	got = sig;
}

int main(int argc, char **argv)
{
	char cwd[4096];

	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 1; i < argc; i++) {
		const char *w = argv[i];

		if (!strcmp(w, "machine")) {
			printf("%s\n", MACHINE);
		} else if (!strcmp(w, "ids")) {
			printf("%d %d\n", getuid(), getgid());
		} else if (!strcmp(w, "name")) {
			printf("%s\n", argv[0]);
		} else if (!strcmp(w, "cwd")) {
			printf("%s\n", getcwd(cwd, sizeof cwd));
		} else if (!strcmp(w, "exe")) {
			print_link("/proc/self/exe");
		} else if (!strcmp(w, "args")) {
			for (i++; i < argc; i++)
				printf("<%s>", argv[i]);
			printf("\n");
		} else if (!strcmp(w, "cat")) {
			print_file(argv[++i]);
		} else if (!strcmp(w, "write")) {
			int fd = open(argv[++i], O_WRONLY | O_CREAT, 0644);

			printf("%s\n", fd < 0 || write(fd, "new\n", 4) != 4 ? strerror(errno) : "written");
		} else if (!strcmp(w, "exec")) {
			execv(argv[i + 1], argv + i + 1);
			printf("execv: %s\n", strerror(errno));
			return 98;
		} else if (!strcmp(w, "spawn")) {
			spawn(argv + i + 1);
			return 0;
		} else if (!strcmp(w, "wait-term")) {
			sigset_t term, old;

			sigemptyset(&term);
			sigaddset(&term, SIGTERM);
			sigprocmask(SIG_BLOCK, &term, &old);
			signal(SIGTERM, on_signal);
			printf("ready\n");
			sigsuspend(&old);
			printf("got %d\n", got);
		} else if (!strcmp(w, "raise")) {
			raise(atoi(argv[++i]));
		} else if (!strcmp(w, "exit")) {
			return atoi(argv[++i]);
		} else {
			return 97;
		}
	}
	return 0;
}
