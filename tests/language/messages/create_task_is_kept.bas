CREATE TASK "Call back", "high", "ana"   ' expect effect: message.left
TALK "on"                                    ' expect: on
