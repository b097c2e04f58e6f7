x = 1 +
' expect error: Line 1: Something is missing after `+`. Write the rest of it.
