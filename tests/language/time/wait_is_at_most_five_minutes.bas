WAIT 2                                       ' expect wait: WAIT 2
WAIT 299                                     ' expect wait: WAIT 299
TALK "on"                                    ' expect: on
