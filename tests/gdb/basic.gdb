# Breakpoints, stacks, registers, data, to the end.
# program: basic
# args: one two
# status: 60
target remote {}
info threads
#= \* 1 +Thread \d+\.\d+
break main
continue
#= Breakpoint 1, main \(argc=3
print argv[1]
#= "one"
print sizeof(points) / sizeof(points[0])
#= = 3
break add
continue
#= Breakpoint 2, add \(a=.*40, b=.*2\)
backtrace
#= #0  add
#= #1 .* in inner \(depth=depth@entry=0\)
#= #4 .* in inner \(depth=depth@entry=3\)
#= #5 .* in main
info registers pc zero
#= pc +0x[0-9a-f]+.*<add>
#= zero +0x0
frame 2
print depth
#= \$\d+ = 1
finish
next
set var counter = 10
print counter
#= \$\d+ = 10
print $a5 = 0x123456789abcdef0
print/x $a5
#= 0x123456789abcdef0
print $zero = 5
print $zero
#= \$\d+ = 0
print points[1]
#= \{x = 3, y = 4\}
set var points[1].x = 300
set var text = "debugged"
print text
#= "debugged
delete
continue
#= exited with code 074
#= r 45 counter 316 d 5.000 argc 3 debugged
