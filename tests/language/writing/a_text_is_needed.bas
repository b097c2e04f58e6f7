x = SUMMARIZE "  "
' expect error: Line 1: There is no text to work on.
