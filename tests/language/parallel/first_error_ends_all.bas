ON ERROR RESUME NEXT
PARALLEL JOIN FIRST ERROR
  BRANCH a: THROW "at once"
  BRANCH b: WAIT FOR EVENT "never"
END PARALLEL
TALK error.message       ' expect: Branch a failed: at once
TALK branch_b.status     ' expect: cancelled
