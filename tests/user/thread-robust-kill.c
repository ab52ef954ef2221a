/* A robust mutex of a process that was killed or left by exit_group is marked: by the host's kernel, so this holds with
 * guest_base 0 only, which builds with sanitizers do not have.
 * level: full
 */
#define _GNU_SOURCE
#include "check.h"
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

int main(void)
{
	pthread_mutex_t *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attr;
	struct timespec limit;
	pid_t pid;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	for (int how = 0; how < 2; how++) {
		NEED(pthread_mutex_init(m, &attr) == 0);
		pid = fork();
		if (pid == 0) {
			pthread_mutex_lock(m);
			if (how)
				_exit(0);
			kill(getpid(), SIGKILL);
		}
		NEED(waitpid(pid, NULL, 0) == pid);
		clock_gettime(CLOCK_REALTIME, &limit);
		limit.tv_sec += 3;
		CHECK(pthread_mutex_timedlock(m, &limit) == EOWNERDEAD);
		CHECK(pthread_mutex_consistent(m) == 0);
		CHECK(pthread_mutex_unlock(m) == 0);
	}
	return check_result();
}
