STEP 1: HUMAN APPROVAL FROM "ana" TIMEOUT 60
  ON TIMEOUT: ESCALATE TO "bob"
TALK by    ' expect: bob
' answer HUMAN APPROVAL: {"approved": false, "status": "escalated", "by": "ana", "comment": "not mine"}
' answer HUMAN APPROVAL: {"approved": true, "status": "approved", "by": "bob", "comment": ""}
