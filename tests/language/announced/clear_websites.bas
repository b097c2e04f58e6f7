CLEAR WEBSITES
' expect announced: Line 1: CLEAR WEBSITES
