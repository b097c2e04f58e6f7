REPORT
' expect announced: Line 1: REPORT
