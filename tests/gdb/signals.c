/* What signals.gdb debugs: a fault, a handled signal, one with the default action. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static sigjmp_buf back;
volatile int handled;
int *nowhere = (int *)0x1238;

static void on_segv(int sig, siginfo_t *info, void *context)
{
	siglongjmp(back, 1);
}

static void on_usr1(int sig)
{
	handled++;
}

int main(void)
{
	struct sigaction act = { .sa_flags = SA_SIGINFO };

	act.sa_sigaction = on_segv;
	sigaction(SIGSEGV, &act, NULL);
	signal(SIGUSR1, on_usr1);
	if (!sigsetjmp(back, 1))
		*nowhere = 1;
	raise(SIGUSR1);
	printf("handled %d\n", handled);
	fflush(stdout);
	raise(SIGUSR1);
	printf("handled %d\n", handled);
	fflush(stdout);
	raise(SIGTERM);
	return 1;
}
