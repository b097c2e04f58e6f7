CREATE TEAM "sales", "ana"   ' expect effect: message.left
TALK "on"                                    ' expect: on
