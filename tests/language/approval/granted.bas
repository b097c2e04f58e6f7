STEP 1: HUMAN APPROVAL FROM "ana@example.com"
  TIMEOUT 3600
TALK approved + " by " + by                  ' expect: true by ana
' answer HUMAN APPROVAL: {"approved": true, "status": "approved", "by": "ana", "comment": ""}
