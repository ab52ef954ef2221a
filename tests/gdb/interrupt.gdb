# Stopping a program that runs and threads that wait; detaching from it.
# program: threads
# status: 7
target remote {}
shell (sleep 1.5; kill -INT $PPID) &
continue
#= received signal SIGINT
info threads
#= 5
print spins > 1000
#= = 1
thread 3
call (int)getpid() > 0
#= = 1
shell (sleep 0.5; kill -INT $PPID) &
continue
#= received signal SIGINT
thread 1
backtrace
#= main
set var finish = 1
detach
#= Detaching|detached
#= joined
