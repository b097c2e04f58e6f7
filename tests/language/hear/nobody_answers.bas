HEAR name TIMEOUT 10
' answer HEAR: timeout
' expect error: Line 1: Nobody answered within 10 seconds.
