LOG ACTIVITY "Called back"   ' expect effect: message.left
TALK "on"                                    ' expect: on
