REM a line
' a line
# a line
// a line
TALK "on"          ' expect: on
