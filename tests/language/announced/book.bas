start = "start"
BOOK "Call", "First talk", start, 30, "online"
' expect announced: Line 2: BOOK
