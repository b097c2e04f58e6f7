session = "session"
GET CUSTOMER HISTORY session
' expect announced: Line 2: GET CUSTOMER HISTORY
