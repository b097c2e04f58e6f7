sum = 0
FOR i = 1 TO 2
  PARALLEL
    BRANCH a: x = i * 10
    BRANCH b: y = i
  END PARALLEL
  sum = sum + x + y
NEXT
RETURN sum
' expect result: 33
