LIST "reports"
' expect announced: Line 1: LIST
