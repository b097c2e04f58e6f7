SEND TO "whatsapp:15550100", "Hello"
' expect announced: Line 1: SEND TO
