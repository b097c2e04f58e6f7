FOR m IN [1, 2, 3, 4] LAST 2 DO
  TALK m
END FOR
' expect: 3
' expect: 4
