session = "session"
GET TIPS session, message
' expect announced: Line 2: GET TIPS
