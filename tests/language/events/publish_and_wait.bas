PUBLISH EVENT "order.paid" WITH {id: 7}
payment = WAIT FOR EVENT "payment" TIMEOUT 60
TALK payment.amount + " " + timed_out        ' expect: 5 false
' answer WAIT FOR EVENT: {"amount": 5}
' expect effect: event.published
