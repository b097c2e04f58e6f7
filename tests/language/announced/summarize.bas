report = "report"
SUMMARIZE report
' expect announced: Line 2: SUMMARIZE
