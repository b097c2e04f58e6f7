order = 7
STEP 1: CALL WORKFLOW "refund" WITH order, amount = order * 2
TALK step1.paid + " " + paid    ' expect: 14 14
' answer CALL WORKFLOW "refund": {"paid": 14}
