RESET REPORT
' expect announced: Line 1: RESET REPORT
