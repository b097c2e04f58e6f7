STEP 1: HUMAN APPROVAL FROM "ana"
  TIMEOUT 10
  ON TIMEOUT: ESCALATE TO "bob"
TALK by                                      ' expect: bob
' answer HUMAN APPROVAL: timeout
' answer HUMAN APPROVAL: {"approved": true, "status": "approved", "by": "bob", "comment": ""}
