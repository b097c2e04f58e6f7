a = [1, 2]
FOR EACH x IN a
  a.PUSH(x * 10)
NEXT
RETURN a
' expect result: [1, 2, 10, 20]
