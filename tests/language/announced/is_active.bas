session = "session"
IS ACTIVE(session)
' expect announced: Line 2: IS ACTIVE
