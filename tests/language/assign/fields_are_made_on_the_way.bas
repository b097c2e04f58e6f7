order.customer.name = "Ana"
order.lines[0].price = 5
order["paid"] = TRUE
RETURN order
' expect result: {"customer": {"name": "Ana"}, "lines": [{"price": 5}], "paid": true}
