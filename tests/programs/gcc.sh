# gcc, g++, make, ar, link-time optimisation, shared libraries: a project of several files.
# guests: riscv64 aarch64
# timeout: 200
set -euo pipefail
mkdir src; cd src
cat > a.h <<'X'
int fib(int n);
double mean(const double *p, int n);
X
cat > a.c <<'X'
#include "a.h"
int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
X
cat > b.c <<'X'
#include "a.h"
double mean(const double *p, int n) { double s = 0; for (int i = 0; i < n; i++) s += p[i]; return s / n; }
X
cat > m.c <<'X'
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include "a.h"
static void *run(void *a) { *(int *)a = fib(22); return 0; }
int main(void)
{
	double d[4] = { 1, 2, 3, 4 };
	int r[4];
	pthread_t p[4];
	for (int i = 0; i < 4; i++) pthread_create(p + i, 0, run, r + i);
	for (int i = 0; i < 4; i++) pthread_join(p[i], 0);
	printf("%d %d %g %.17g\n", r[0], r[3], mean(d, 4), sin(1.0));
}
X
printf 'CFLAGS = -O2 -g -Wall -fPIC\nall: m s\nm: m.o libx.a\n\t$(CC) -o $@ m.o ./libx.a -lm\ns: m.o libx.so\n\t$(CC) -o $@ m.o ./libx.so -lm\nlibx.a: a.o b.o\n\t$(AR) rcs $@ $^\nlibx.so: a.o b.o\n\t$(CC) -shared -o $@ $^\nm.o a.o b.o: a.h\n' > Makefile
make -j2
want='17711 17711 2.5 0.8414709848078965'
[ "$(./m)" = "$want" ]; [ "$(./s)" = "$want" ]; make | grep 'Nothing to be done' > /dev/null
gcc -O3 -flto -o l m.c a.c b.c -lm; [ "$(./l)" = "$want" ]
cat > c.cc <<'X'
#include <atomic>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
int main()
{
	std::map<std::string, int> m;
	std::atomic<int> n{0};
	for (int i = 0; i < 1000; i++) m[std::to_string(i * 7 % 1000)] = i;
	std::thread t([&] { for (int i = 0; i < 1000; i++) n++; });
	t.join();
	try { throw std::runtime_error("thrown"); }
	catch (std::exception &e) { std::cout << e.what() << ' ' << m.size() << ' ' << n << '\n'; }
}
X
g++ -O2 -o c c.cc; [ "$(./c)" = 'thrown 1000 1000' ]
