FOR EACH word IN SPLIT("a,b,c", ",")
  TALK word
NEXT word
FOR EACH key IN {x: 1, y: 2}
  TALK key
END FOR
FOR EACH nothing IN NULL
  TALK "never"
NEXT
' expect: a
' expect: b
' expect: c
' expect: x
' expect: y
