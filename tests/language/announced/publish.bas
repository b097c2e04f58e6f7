PUBLISH
' expect announced: Line 1: PUBLISH
