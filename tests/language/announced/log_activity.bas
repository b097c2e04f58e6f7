LOG ACTIVITY "Called back"
' expect announced: Line 1: LOG ACTIVITY
