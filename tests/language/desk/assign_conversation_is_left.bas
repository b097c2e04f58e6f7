ASSIGN CONVERSATION "s1", "ana"   ' expect effect: message.left
TALK "on"                                    ' expect: on
