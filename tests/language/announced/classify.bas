classes = ["bug", "praise"]
CLASSIFY message, classes
' expect announced: Line 2: CLASSIFY
