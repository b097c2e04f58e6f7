PARALLEL
  BRANCH a: x = 1
  BRANCH a: y = 2
END PARALLEL
' expect error: Line 3: Two branches are called a. Give each branch a label of its own.
