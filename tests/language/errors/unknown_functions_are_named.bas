x = LENN("a")
' expect error: Line 1: There is no function LENN. Did you mean LEN? Correct the name.
