TRANSFER TO HUMAN "support", "high", "Asks for a refund"   ' expect effect: message.left
TALK "on"                                    ' expect: on
