PARALLEL
  BRANCH a:
    x = 1
    x = x + 1
    TALK "in a"                              ' expect: in a
  BRANCH b: y = 5
END PARALLEL
TALK x + y                                   ' expect: 7
