POST TO instagram "pic.png", "Sale"   ' expect effect: message.left
TALK "on"                                    ' expect: on
