ESCALATE TO SUPERVISOR "The customer is angry"
' expect announced: Line 1: ESCALATE
