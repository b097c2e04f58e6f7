FOR EACH x IN [1, 2, 3]
  IF x = 1 THEN
    TALK "one"
  ELSE IF x = 2 THEN
    TALK "two"
  ELSE
    TALK "else"
  ENDIF
NEXT
' expect: one
' expect: two
' expect: else
