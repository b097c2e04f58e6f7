GENERATE CODE 6
' expect announced: Line 1: GENERATE CODE
