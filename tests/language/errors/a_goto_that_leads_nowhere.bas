GOTO nowhere
' expect error: Line 1: There is no label nowhere. Write `nowhere:` on a line.
