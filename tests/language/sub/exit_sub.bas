SUB try(n)
  IF n > 1 THEN EXIT SUB
  TALK n
END SUB
try(1)
try(2)
TALK "end"
' expect: 1
' expect: end
