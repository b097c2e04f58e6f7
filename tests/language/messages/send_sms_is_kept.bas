SEND SMS "+15550100", "Your code"   ' expect effect: message.left
TALK "on"                                    ' expect: on
