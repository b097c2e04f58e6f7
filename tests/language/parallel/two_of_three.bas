PARALLEL JOIN 2 OF 3
  BRANCH a: x = 1
  BRANCH b: y = 2
  BRANCH c: WAIT FOR EVENT "never"
END PARALLEL
TALK x + y               ' expect: 3
TALK branch_c.status     ' expect: cancelled
