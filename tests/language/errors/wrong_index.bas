a = [1]
TALK a["x"]
' expect error: Line 2: A list is indexed by a whole number, not by the text "x".
