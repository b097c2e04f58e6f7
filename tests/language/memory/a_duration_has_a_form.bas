REMEMBER "k", 1, "a while"
' expect error: Line 1: A duration is written "30 days", "2 hours" or "forever", not "a while".
