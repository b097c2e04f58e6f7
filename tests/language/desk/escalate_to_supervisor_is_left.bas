ESCALATE TO SUPERVISOR "angry"   ' expect effect: message.left
TALK "on"                                    ' expect: on
