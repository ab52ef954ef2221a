# Steps of both kinds, over a call, into it, over a system call; a temporary breakpoint; a condition.
# program: basic
# status: 51
target remote {}
tbreak main
continue
#= Temporary breakpoint 1, main
stepi
info registers pc
#= pc
step
#= 37
step
#= inner \(depth=depth@entry=3\)
next
#= 24|25
print $pc
set $before = $pc
stepi
print $pc - $before < 8 && $pc != $before
#= = 1
break add if a == 40
continue
#= Breakpoint 2, add
tbreak scale
continue
#= scale \(v=.*10\)
tbreak write
continue
#= Temporary breakpoint .*write
python
for i in range(200):
    pc = int(gdb.parse_and_eval('$pc'))
    is_call = bytes(gdb.selected_inferior().read_memory(pc, 4)) == b'\x73\0\0\0'
    a7 = int(gdb.parse_and_eval('$a7'))
    gdb.execute('stepi', to_string=True)
    if is_call:
        moved = int(gdb.parse_and_eval('$pc')) - pc
        print('over call', a7, 'moved', moved, 'result', int(gdb.parse_and_eval('$a0')))
        break
end
#= over call 64 moved 4 result 3[0-9]
delete
continue
#= exited with code 063
