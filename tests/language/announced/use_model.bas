USE MODEL "quality"
' expect announced: Line 1: USE MODEL
