x = MID("a")
' expect error: Line 1: MID takes 2 to 3 arguments, not 1. Give MID 2 to 3 arguments.
