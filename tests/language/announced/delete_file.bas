DELETE FILE "old.txt"
' expect announced: Line 1: DELETE FILE
