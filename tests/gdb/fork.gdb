# Children are not debugged: breakpoints are the parent's alone.
# program: fork
# status: 17
target remote {}
break stop_here
continue
#= hit Breakpoint 1, stop_here \(n=.*1\)|Breakpoint 1, stop_here \(n=.*1\)
continue
#= Breakpoint 1, stop_here \(n=.*4\)
continue
#= exited with code 021
#= sum 17
