x = GENERATE CODE 3
' expect error: Line 1: GENERATE CODE makes 4 to 32 digits, not 3.
