# gdb is given nothing: the program comes from the stub, over TCP.
# program: basic
# listen: tcp
# file: no
# status: 54
target remote {}
#= Reading .* from remote target
break inner if depth == 1
continue
#= Breakpoint 1, inner \(depth=depth@entry=1\)
info auxv
#= AT_ENTRY
info proc mappings
#= \[stack\]
info sharedlibrary
#= No shared libraries loaded
call add(1, 2)
#= = 3
delete
continue
#= exited with code 066
