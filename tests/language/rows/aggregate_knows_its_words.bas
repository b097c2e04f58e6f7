x = AGGREGATE "MEDIAN", [1, 2]
' expect error: Line 1: There is no aggregate MEDIAN. Did you mean MIN?
