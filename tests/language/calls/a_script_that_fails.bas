x = CALL "log-call.bas"
' answer CALL: error The log is full.
' expect error: Line 1: The log is full.
