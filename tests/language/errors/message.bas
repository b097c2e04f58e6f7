ON ERROR RESUME NEXT
x = 1 / 0
TALK ERROR MESSAGE                           ' expect: Division by zero.
CLEAR ERROR
TALK "[" + ERROR MESSAGE + "]"               ' expect: []
