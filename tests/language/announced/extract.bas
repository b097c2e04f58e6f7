EXTRACT "all.zip", "all"
' expect announced: Line 1: EXTRACT
