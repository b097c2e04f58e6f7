STEP 1: HUMAN APPROVAL FROM "ana" TIMEOUT 60 ON TIMEOUT: APPROVE
TALK approved            ' expect: true
' answer HUMAN APPROVAL: timeout
' expect wait: HUMAN APPROVAL 60
