STEP 1: HUMAN APPROVAL FROM "ana@example.com"
IF NOT approved THEN TALK "no: " + comment   ' expect: no: too dear
' answer HUMAN APPROVAL: {"approved": false, "status": "rejected", "by": "ana", "comment": "too dear"}
