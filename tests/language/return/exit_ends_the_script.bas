TALK "first"                                 ' expect: first
EXIT
TALK "never"
' expect result: null
