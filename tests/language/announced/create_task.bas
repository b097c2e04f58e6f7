CREATE TASK "Call back", "high", "ana"
' expect announced: Line 1: CREATE TASK
