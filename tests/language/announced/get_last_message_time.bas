session = "session"
GET LAST MESSAGE TIME session
' expect announced: Line 2: GET LAST MESSAGE TIME
