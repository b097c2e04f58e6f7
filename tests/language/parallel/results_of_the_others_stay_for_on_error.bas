ON ERROR RESUME NEXT
PARALLEL
  BRANCH A: BOT "a" "x"
  BRANCH B: BOT "b" "x"
END PARALLEL
TALK branch_b.result + ": " + error.message  ' expect: fine: Branch A failed: It broke.
' answer BOT "a": error It broke.
' answer BOT "b": "fine"
