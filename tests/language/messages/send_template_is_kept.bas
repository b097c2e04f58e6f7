SEND TEMPLATE "welcome", "email", "ana@example.com"   ' expect effect: message.left
TALK "on"                                    ' expect: on
