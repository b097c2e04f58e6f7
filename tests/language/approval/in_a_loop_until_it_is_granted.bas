tries = 0
WHILE NOT approved
  tries = tries + 1
  STEP 1: HUMAN APPROVAL FROM "ana"
WEND
TALK tries                                   ' expect: 2
' answer HUMAN APPROVAL: {"approved": false, "status": "rejected", "by": "ana", "comment": ""}
' answer HUMAN APPROVAL: {"approved": true, "status": "approved", "by": "ana", "comment": ""}
