SET PAGE MODE "auto"
' expect announced: Line 1: SET PAGE MODE
