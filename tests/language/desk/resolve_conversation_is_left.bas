RESOLVE CONVERSATION "s1", "answered"   ' expect effect: message.left
TALK "on"                                    ' expect: on
