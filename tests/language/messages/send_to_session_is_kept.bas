SEND TO SESSION "s1", "Hello"   ' expect effect: message.left
TALK "on"                                    ' expect: on
