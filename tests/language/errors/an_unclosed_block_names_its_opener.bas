FOR EACH x IN [1]
  TALK x
' expect error: Line 1: The FOR EACH of line 1 is never closed. Add NEXT.
