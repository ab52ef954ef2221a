# A fault with its siginfo, signals passed, dropped and deadly.
# program: signals
# status: -15
target remote {}
continue
#= Program received signal SIGSEGV, Segmentation fault
#= main
print $_siginfo.si_signo
#= = 11
print/x $_siginfo._sifields._sigfault.si_addr
#= = 0x1238
continue
#= Program received signal SIGUSR1
signal 0
#= Program received signal SIGUSR1
print handled
#= = 0
handle SIGUSR1 nostop noprint pass
signal SIGUSR1
#= Program received signal SIGTERM
print handled
#= = 1
continue
#= Program terminated with signal SIGTERM
#= handled 0
#= handled 1
