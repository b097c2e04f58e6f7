session = "session"
GET SUMMARY session
' expect announced: Line 2: GET SUMMARY
