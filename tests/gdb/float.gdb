# Floating-point registers, their flags and rounding mode.
# program: basic
# status: 51
target remote {}
break scale
continue
#= Breakpoint 1, scale \(v=v@entry=10\)
print $fa0
#= double = 10
info registers fflags
#= NX:0
finish
#= Value returned is .* = 5$
info registers fflags
#= UF:0 NX:1
info registers fcsr
#= NX:1 FRM:0
print $frm = 3
info registers fcsr
#= NX:1 FRM:3
print $fcsr = 0x45
info registers frm
#= FRM:2
info registers fflags
#= OF:1 UF:0 NX:1
print $frm = 0
print $fs3.double = 2.25
print $fs3
#= double = 2.25
continue
#= exited with code 063
