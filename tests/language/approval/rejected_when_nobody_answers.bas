STEP 1: HUMAN APPROVAL FROM "ana"
  TIMEOUT 10
  ON TIMEOUT: REJECT ORDER
IF NOT approved THEN TALK "rejected, timed out: " + timed_out   ' expect: rejected, timed out: true
' answer HUMAN APPROVAL: timeout
