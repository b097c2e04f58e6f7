PARALLEL JOIN ANY
  BRANCH quick: x = 1
  BRANCH slow: WAIT FOR EVENT "never"
END PARALLEL
TALK branch_quick.status + " " + branch_slow.status + " " + x    ' expect: completed cancelled 1
