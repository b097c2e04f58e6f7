STEP 1: HUMAN APPROVAL FROM "ana" TIMEOUT 60
TALK "never"
' answer HUMAN APPROVAL: timeout
' expect error: Line 1: Nobody approved: ana did not answer within 60 seconds.
