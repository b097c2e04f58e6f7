PARALLEL FOR EACH x IN [1, 2]
  BOT "double" x
END PARALLEL
TALK result[0] + result[1]    ' expect: 6
' answer BOT "double": 2
' answer BOT "double": 4
