CLEAR HEADERS
' expect announced: Line 1: CLEAR HEADERS
