id = PUBLISH EVENT "order.paid" WITH {id: 7}
TALK LEN(id)                                 ' expect: 36
' expect effect: event.published
