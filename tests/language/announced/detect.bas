DETECT "payments"
' expect announced: Line 1: DETECT
