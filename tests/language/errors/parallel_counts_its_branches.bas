PARALLEL JOIN 2 OF 4
  BRANCH a: x = 1
  BRANCH b: y = 1
END PARALLEL
' expect error: Line 1: PARALLEL has 2 branches, not 4. Correct the number.
