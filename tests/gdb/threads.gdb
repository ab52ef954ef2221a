# All threads, their stacks, one at a time, breakpoints in one of many, the end.
# program: threads
# status: 7
target remote {}
break all_started
continue
#= hit Breakpoint 1, all_started
info threads
#= \* 1
#= 2
#= 5
thread apply all bt
#= Thread 5
#= spinner
#= Thread 4
#= waiter
#= Thread 1
#= all_started
delete
break tick
continue
#= Thread 5.* hit Breakpoint 2, tick
print spins
continue
#= Thread 5.* hit Breakpoint 2, tick
set scheduler-locking on
set $was = spins
next
next
print spins - $was
#= = 1
thread 2
#= Switching to thread 2
backtrace
#= waiter
call (int)getpid() > 0
#= = 1
thread 5
set scheduler-locking off
delete
set var finish = 1
continue
#= exited with code 07
#= joined
