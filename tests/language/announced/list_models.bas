LIST MODELS
' expect announced: Line 1: LIST MODELS
