TRANSFER TO HUMAN "support", "high", "Asks for a refund"
' expect announced: Line 1: TRANSFER TO HUMAN
