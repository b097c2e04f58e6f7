FOR i = 3 TO 1
  TALK "never"
NEXT
TALK "done"                                  ' expect: done
