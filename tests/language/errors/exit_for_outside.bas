EXIT FOR
' expect error: Line 1: EXIT FOR stands in no such loop. Remove it.
