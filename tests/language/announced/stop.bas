STOP
' expect announced: Line 1: STOP
