a = []
a[100000] = 1
' expect error: Line 2: The list would have 100,001 items; the limit is 100,000.
