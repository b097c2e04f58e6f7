STEP 1: HUMAN APPROVAL FROM "ana@example.com", "bob@example.com" TIMEOUT 60
IF approved THEN TALK by                     ' expect: bob@example.com
' answer HUMAN APPROVAL: {"approved": true, "status": "approved", "by": "bob@example.com", "comment": ""}
' expect wait: HUMAN APPROVAL 60
' expect effect: approval.requested
