vip = TRUE
total = 50
IF (vip AND total > 100)
   OR total = 50 THEN
  TALK "a present for you" ' expect: a present for you
END IF
TALK "one"
  + " and"
  + " two"                  ' expect: one and two
