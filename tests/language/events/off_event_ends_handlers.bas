ended = OFF EVENT "order.*"
TALK ended                                   ' expect: 2
' answer OFF EVENT: 2
