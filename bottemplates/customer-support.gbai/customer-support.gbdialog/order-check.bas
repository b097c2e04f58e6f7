' Finds an order in the table `orders`. Its rows come from customer-support.gbdata/orders.csv; a shop would keep its own.

DESCRIPTION "Finds an order by its number"
PARAM order_number AS INTEGER LIKE 1002 DESCRIPTION "The number of the order"

order = FIND "orders" WHERE number = order_number FIRST

IF order IS NULL THEN
  RETURN {"found": FALSE, "number": order_number, "item": "", "price": 0, "days": 0}
END IF
RETURN {"found": TRUE, "number": order.number, "item": order.item, "price": order.price, "days": order.days}
