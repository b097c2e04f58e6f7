SEND TO "whatsapp:15550100", "Hello"   ' expect effect: message.left
TALK "on"                                    ' expect: on
