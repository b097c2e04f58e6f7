both = WAIT FOR ALL EVENTS "stock.reserved", "order.paid" TIMEOUT 60
TALK both[1].data                            ' expect: 5
TALK timed_out                               ' expect: false
' answer WAIT FOR ALL EVENTS: [{"name": "stock.reserved", "data": 1}, {"name": "order.paid", "data": 5}]
' expect effect: event.chosen
' expect effect: event.chosen
' expect wait: WAIT FOR ALL EVENTS 60
