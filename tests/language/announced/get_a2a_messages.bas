GET A2A MESSAGES
' expect announced: Line 1: GET A2A MESSAGES
