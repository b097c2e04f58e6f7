TALK UBOUND(PUSH [1], 2)                     ' expect: 2
TALK UBOUND(APPEND [1], 2)                   ' expect: 2
