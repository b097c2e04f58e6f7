TALK IIF(TRUE, "a", 1 / 0)                   ' expect: a
TALK NVL("b", 1 / 0)                         ' expect: b
