PARALLEL
  BRANCH a: RETURN 5
END PARALLEL
TALK branch_a.result                         ' expect: 5
