code = 7
THROW "failed with " + code
' expect error: Line 2: failed with 7
