STEP 1: HUMAN APPROVAL FROM "ana" TIMEOUT 60
IF timed_out THEN TALK status                ' expect: timedout
' answer HUMAN APPROVAL: timeout
