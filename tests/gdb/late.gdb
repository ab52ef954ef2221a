# The program runs already when gdb comes, goes, and comes again.
# program: threads
# suspend: ,suspend=n
# status: 7
shell sleep 0.5
target remote {}
info threads
#= 5
print spins > 1000
#= = 1
set $was = spins
detach
shell sleep 0.3
target remote {}
print spins > $was
#= = 1
set var finish = 1
continue
#= exited with code 07
