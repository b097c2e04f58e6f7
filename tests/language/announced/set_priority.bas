session = "session"
SET PRIORITY session, "high"
' expect announced: Line 2: SET PRIORITY
