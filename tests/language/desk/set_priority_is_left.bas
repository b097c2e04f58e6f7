SET PRIORITY "s1", "high"   ' expect effect: message.left
TALK "on"                                    ' expect: on
