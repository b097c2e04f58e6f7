SET BOT MEMORY "order.1", "tea"
SET BOT MEMORY "order.2", "coffee"
SET BOT MEMORY "other", "water"
FOR EACH one IN LIST BOT MEMORY "order." LIMIT 10
  TALK one.key + ": " + one.value + " (" + one.version + ")"
NEXT
' expect: order.1: tea (1)
' expect: order.2: coffee (1)
all = LIST BOT MEMORY
TALK LEN(all)                                ' expect: 3
