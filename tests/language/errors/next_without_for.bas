NEXT
' expect error: Line 1: NEXT has nothing to close here. Remove it, or add the line that opens it.
