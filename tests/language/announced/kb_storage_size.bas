KB STORAGE SIZE
' expect announced: Line 1: KB STORAGE SIZE
