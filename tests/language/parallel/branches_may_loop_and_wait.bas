PARALLEL
  BRANCH a:
    FOR i = 1 TO 2
      DELAY 1
      sum = sum + i
    NEXT
  BRANCH b: y = 1
END PARALLEL
TALK sum + y                                 ' expect: 4
' expect wait: DELAY 1
' expect wait: DELAY 1
