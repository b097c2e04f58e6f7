start = "start"
CREATE CALENDAR EVENT "Call", start, 30
' expect announced: Line 2: CREATE CALENDAR EVENT
