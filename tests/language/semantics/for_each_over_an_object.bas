FOR EACH x IN {a: 1, b: 2}
  TALK x
NEXT
' expect: a
' expect: b
