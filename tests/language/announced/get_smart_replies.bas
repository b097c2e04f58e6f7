session = "session"
GET SMART REPLIES session
' expect announced: Line 2: GET SMART REPLIES
