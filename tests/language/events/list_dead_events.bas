dead = LIST DEAD EVENTS LIMIT 5
TALK dead[0].name                            ' expect: order.paid
again = REPLAY EVENT dead[0].id
TALK again                                   ' expect: 1
' answer LIST DEAD EVENTS: [{"id": "11111111-2222-3333-4444-555555555555", "name": "order.paid"}]
' answer REPLAY EVENT: 1
