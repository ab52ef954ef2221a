/* What basic.gdb and others debug: calls, data, floating point, an exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point { int x, y; };

int counter;
double ratio = 1.5;
struct point points[3] = { { 1, 2 }, { 3, 4 }, { 5, 6 } };
char text[16] = "guest";

__attribute__((noinline)) int add(int a, int b)
{
	int sum = a + b;

	counter += sum;
	return sum;
}

__attribute__((noinline)) int inner(int depth)
{
	if (depth == 0)
		return add(40, 2);
	return inner(depth - 1) + 1;
}

__attribute__((noinline)) double scale(double v)
{
	volatile double third = v / 3.0;	/* inexact: raises a flag */

	return third * ratio;
}

int main(int argc, char **argv)
{
	int r = inner(3);
	double d = scale(10.0);

	for (int i = 0; i < 3; i++)
		counter += points[i].x;
	printf("r %d counter %d d %.3f argc %d %s\n", r, counter, d, argc, text);
	fflush(stdout);
	return counter & 0x7f;
}
