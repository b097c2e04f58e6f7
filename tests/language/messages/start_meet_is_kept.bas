START MEET "Weekly"   ' expect effect: message.left
TALK "on"                                    ' expect: on
