x = UCAS("a")
' expect error: Line 1: There is no function UCAS. Did you mean UCASE? Correct the name.
