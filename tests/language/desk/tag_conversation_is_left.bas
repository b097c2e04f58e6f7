TAG CONVERSATION "s1", "billing"   ' expect effect: message.left
TALK "on"                                    ' expect: on
