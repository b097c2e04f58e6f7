session = "session"
RESOLVE CONVERSATION session, "answered"
' expect announced: Line 2: RESOLVE
