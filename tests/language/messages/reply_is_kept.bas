REPLY "Thank you"   ' expect effect: message.left
TALK "on"                                    ' expect: on
