x = SQR(-1)
' expect error: Line 1: A negative number has no square root.
