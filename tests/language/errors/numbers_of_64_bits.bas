x = 9007199254740993
TALK x                                       ' expect: 9007199254740993
y = 9223372036854775807 + 1
' expect error: Line 3: The number is too large: whole numbers have 64 bits.
