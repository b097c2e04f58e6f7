PARALLEL
  BRANCH a: x = WAIT FOR EVENT "one" TIMEOUT 5
  BRANCH b: y = WAIT FOR EVENT "two" TIMEOUT 5
END PARALLEL
TALK x + y                                   ' expect: 3
' answer WAIT FOR EVENT "one": 1
' answer WAIT FOR EVENT "two": 2
