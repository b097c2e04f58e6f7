e = WAIT FOR ANY EVENT "order.paid", "order.cancelled" TIMEOUT 60
TALK e.name + " " + e.data.id                ' expect: order.cancelled 7
' answer WAIT FOR ANY EVENT: {"name": "order.cancelled", "data": {"id": 7}}
' expect effect: event.chosen
' expect effect: event.chosen
' expect wait: WAIT FOR ANY EVENT 60
