/* What fork.gdb debugs: children of fork and vfork go past breakpoints and run on by themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) int stop_here(int n)
{
	asm volatile("" ::: "memory");
	return n + 1;
}

int main(void)
{
	int status, sum = stop_here(1);
	pid_t child = fork();

	if (!child)
		_exit(stop_here(2) + stop_here(2));
	waitpid(child, &status, 0);
	sum += WEXITSTATUS(status);
	child = vfork();
	if (!child) {
		volatile int n = stop_here(3);

		_exit(n);
	}
	waitpid(child, &status, 0);
	sum += WEXITSTATUS(status);
	sum += stop_here(4);
	printf("sum %d\n", sum);
	return sum;
}
