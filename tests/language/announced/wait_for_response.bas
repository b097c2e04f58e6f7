WAIT FOR RESPONSE "email"
' expect announced: Line 1: WAIT FOR RESPONSE
