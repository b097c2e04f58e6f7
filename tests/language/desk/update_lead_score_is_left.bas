UPDATE LEAD SCORE "l1", 80   ' expect effect: message.left
TALK "on"                                    ' expect: on
