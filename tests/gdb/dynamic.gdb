# A dynamic program: libraries, their symbols, the program's own addresses.
# program: basic
# flags: -pie -fPIE
# status: 51
target remote {}
break main
continue
#= Breakpoint 1, .*main
info sharedlibrary
#= ld-linux-riscv64
#= libc
break puts
tbreak printf
continue
#= Temporary breakpoint .*printf
backtrace
#= main
continue
#= exited with code 063
