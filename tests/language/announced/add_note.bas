session = "session"
ADD NOTE session, "Called back"
' expect announced: Line 2: ADD NOTE
