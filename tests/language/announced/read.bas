READ "notes.txt"
' expect announced: Line 1: READ
