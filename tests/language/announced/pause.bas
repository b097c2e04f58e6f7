PAUSE
' expect announced: Line 1: PAUSE
