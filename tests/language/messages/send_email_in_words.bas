SEND EMAIL TO "ana@example.com" SUBJECT "Hi" BODY "text"   ' expect effect: message.left
TALK "on"                                    ' expect: on
