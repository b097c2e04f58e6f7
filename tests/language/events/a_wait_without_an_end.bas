x = WAIT FOR EVENT "e"                       ' expect wait: WAIT FOR EVENT
TALK x.n                                     ' expect: 1
' answer WAIT FOR EVENT: {"n": 1}
' expect effect: event.awaited
