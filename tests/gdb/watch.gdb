# A watchpoint, which gdb does by single steps.
# program: basic
# status: 51
target remote {}
break main
continue
set can-use-hw-watchpoints 0
watch counter
continue
#= Watchpoint 2: counter
#= Old value = 0
#= New value = 42
delete 2
continue
#= exited with code 063
