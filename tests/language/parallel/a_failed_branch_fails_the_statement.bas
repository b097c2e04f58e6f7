PARALLEL
  BRANCH A: BOT "a" "x"
  BRANCH B: BOT "b" "x"
END PARALLEL
TALK "never"
' answer BOT "a": error It broke.
' answer BOT "b": "fine"
' expect error: Line 2: Branch A failed: It broke.
