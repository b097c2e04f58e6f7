ON ERROR RESUME NEXT
IF 1 / 0 > 1 THEN
  TALK "never"
ELSE
  TALK "never"
END IF
TALK "after"                                 ' expect: after
