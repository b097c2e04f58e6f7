REPLY "Thank you, we are looking into it"
' expect announced: Line 1: REPLY
