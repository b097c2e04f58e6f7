SET MAX LINES 20
' expect announced: Line 1: SET MAX LINES
