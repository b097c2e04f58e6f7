x = CLASSIFY "text", "one"
' expect error: Line 1: CLASSIFY needs between 2 and 100 classes; here are 1.
