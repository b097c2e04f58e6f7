BOOK "Call", "First talk"   ' expect effect: message.left
TALK "on"                                    ' expect: on
