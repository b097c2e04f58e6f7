SEND FILE "report.pdf", "The report"
' expect announced: Line 1: SEND FILE
