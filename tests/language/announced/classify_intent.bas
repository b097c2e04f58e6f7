CLASSIFY INTENT message
' expect announced: Line 1: CLASSIFY INTENT
