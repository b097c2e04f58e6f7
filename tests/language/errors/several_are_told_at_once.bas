x = UCAS("a")
IF x THEN
y = (1
TALK "a"
' expect error: Line 1: There is no function UCAS. Did you mean UCASE? Correct the name.
' expect error: Line 2: The IF of line 2 is never closed. Add END IF.
' expect error: Line 3: This `(` is never closed. Add `)`.
