END IF
' expect error: Line 1: END IF has nothing to close here. Remove it, or add the line that opens it.
