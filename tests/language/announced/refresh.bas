REFRESH "statistics"
' expect announced: Line 1: REFRESH
