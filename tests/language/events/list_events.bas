FOR EACH e IN LIST EVENTS "order.*" LIMIT 2
  TALK e.name
NEXT
' expect: order.paid
' expect: order.new
' answer LIST EVENTS: [{"name": "order.paid"}, {"name": "order.new"}]
