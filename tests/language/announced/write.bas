text = "text"
WRITE "notes.txt", text
' expect announced: Line 2: WRITE
