NOTIFY AGENT "ana", "A customer waits"   ' expect effect: message.left
TALK "on"                                    ' expect: on
