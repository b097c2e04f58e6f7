DO
  EXIT DO
LOOP
WHILE TRUE
  EXIT WHILE
END WHILE
TALK "out"                                   ' expect: out
