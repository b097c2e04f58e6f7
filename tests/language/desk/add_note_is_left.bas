ADD NOTE "s1", "Called back"   ' expect effect: message.left
TALK "on"                                    ' expect: on
