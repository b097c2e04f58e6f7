PARALLEL JOIN 3
  BRANCH a: x = 1
  BRANCH b: y = 1
END PARALLEL
' expect error: Line 1: 3 of 2 branches can never end. Ask for 1 of them, or more.
