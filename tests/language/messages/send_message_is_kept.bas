SEND MESSAGE "On its way"   ' expect effect: message.left
TALK "on"                                    ' expect: on
