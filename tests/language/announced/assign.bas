session = "session"
ASSIGN CONVERSATION session, "ana"
' expect announced: Line 2: ASSIGN
