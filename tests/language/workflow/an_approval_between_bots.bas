ORCHESTRATE WORKFLOW "refund"
STEP 1: BOT "clerk" "check"
STEP 2: HUMAN APPROVAL FROM "lead" TIMEOUT 60
IF approved THEN
  STEP 3: BOT "bank" "pay ${step1.amount}"
END IF
TALK result                                  ' expect: paid 5
END WORKFLOW
' answer BOT "clerk": {"amount": 5}
' answer HUMAN APPROVAL: {"approved": true, "status": "approved", "by": "lead", "comment": ""}
' answer BOT "bank": "paid 5"
