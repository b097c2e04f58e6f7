x = 0
PARALLEL
  BRANCH A: x = 1
  BRANCH B: x = 2
END PARALLEL
TALK x + " " + branch_a.result + branch_b.result   ' expect: 2 12
' expect warning: Line 4: Branches A and B both set x; the value of B stays. Use a name of its own in each branch.
