# The process ends when gdb says so.
# program: threads
# status: -9
target remote {}
break all_started
continue
#= hit Breakpoint 1
kill
#= killed
