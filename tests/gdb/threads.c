/* What threads.gdb debugs: threads that wait in the host, one that computes. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

static sem_t gate;
static pthread_barrier_t ready;
volatile int spins, finish;

static void *waiter(void *arg)
{
	pthread_barrier_wait(&ready);
	sem_wait(&gate);
	return arg;
}

__attribute__((noinline)) void tick(void)
{
	spins++;
}

static void *spinner(void *arg)
{
	pthread_barrier_wait(&ready);
	while (!finish)
		tick();
	return arg;
}

__attribute__((noinline)) void all_started(void)
{
	asm volatile("" ::: "memory");
}

int main(void)
{
	pthread_t t[4];

	sem_init(&gate, 0, 0);
	pthread_barrier_init(&ready, NULL, 5);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, waiter, NULL);
	pthread_create(&t[3], NULL, spinner, NULL);
	pthread_barrier_wait(&ready);
	all_started();
	while (!finish)
		usleep(1000);
	for (int i = 0; i < 3; i++)
		sem_post(&gate);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	puts("joined");
	return 7;
}
