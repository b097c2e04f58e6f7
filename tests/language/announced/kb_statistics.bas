KB STATISTICS
' expect announced: Line 1: KB STATISTICS
