SENTIMENT message
' expect announced: Line 1: SENTIMENT
