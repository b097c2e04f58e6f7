' a comment
REM another one
# and another
x = 1 ' the rest
TALK "it's ' here"                           ' expect: it's ' here
