session = "session"
ANALYZE SENTIMENT session, message
' expect announced: Line 2: ANALYZE SENTIMENT
