' Finds an order. A real shop would ask its database; this one has four orders.

DESCRIPTION "Finds an order by its number"
PARAM order_number AS INTEGER LIKE 1002 DESCRIPTION "The number of the order"

orders = [
  {"number": 1001, "item": "desk lamp", "price": 29, "days": 3},
  {"number": 1002, "item": "arm chair", "price": 240, "days": 9},
  {"number": 1003, "item": "floor lamp", "price": 85, "days": 21},
  {"number": 1004, "item": "dining table", "price": 690, "days": 2}
]

FOR EACH order IN orders
  IF order.number = order_number THEN
    order.found = TRUE
    RETURN order
  END IF
NEXT

RETURN {"found": FALSE, "number": order_number, "item": "", "price": 0, "days": 0}
