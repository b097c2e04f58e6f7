n = INCREMENT BOT MEMORY "orders"
TALK n                                       ' expect: 1
n = INCREMENT BOT MEMORY "orders" BY 2.5 TTL "1 hour"
TALK n                                       ' expect: 3.5
' answer INCREMENT BOT MEMORY: 1
' answer INCREMENT BOT MEMORY: 3.5
