order.id = 1
WITH order
  name = "Ana"
  .total = 5
END WITH
TALK JSON(order)                             ' expect: {"id": 1, "name": "Ana", "total": 5}
