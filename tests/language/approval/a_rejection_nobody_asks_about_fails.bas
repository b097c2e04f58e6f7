STEP 1: HUMAN APPROVAL FROM "ana@example.com"
TALK "never"
' answer HUMAN APPROVAL: {"approved": false, "status": "rejected", "by": "ana", "comment": "too dear"}
' expect error: Line 1: ana rejected the approval: too dear
