TRANSLATE message, "pt"
' expect announced: Line 1: TRANSLATE
