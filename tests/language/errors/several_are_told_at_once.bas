x = UCAS("a")
IF x THEN
y = (1
TALK "a"
' expect error: Line 1: There is no function UCAS. Did you mean UCASE? Correct the name.
