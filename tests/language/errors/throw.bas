amount = -1
IF amount < 0 THEN THROW "The amount ${amount} is negative."
' expect error: Line 2: The amount -1 is negative.
