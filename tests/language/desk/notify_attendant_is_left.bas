NOTIFY ATTENDANT "ana" WITH "A customer waits"   ' expect effect: message.left
TALK "on"                                    ' expect: on
