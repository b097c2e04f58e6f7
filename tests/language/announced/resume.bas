RESUME
' expect announced: Line 1: RESUME
