needed = 1
PARALLEL JOIN needed
  BRANCH a: x = 1
  BRANCH b: WAIT FOR EVENT "never"
END PARALLEL
TALK x                   ' expect: 1
