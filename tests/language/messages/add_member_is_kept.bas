ADD MEMBER "sales", "ana@example.com"   ' expect effect: message.left
TALK "on"                                    ' expect: on
