STEP 1: HUMAN APPROVAL FROM "ana" TIMEOUT 10
  ON TIMEOUT: APPROVE WITH WARNING
TALK approved                                ' expect: true
' answer HUMAN APPROVAL: timeout
