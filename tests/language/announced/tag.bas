session = "session"
TAG CONVERSATION session, "billing"
' expect announced: Line 2: TAG
