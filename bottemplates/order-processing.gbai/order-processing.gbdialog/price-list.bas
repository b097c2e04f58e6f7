' Works out what an order costs. What the shop sells is the table `catalogue`; order-processing.gbdata holds six things.

DESCRIPTION "Works out what the products of an order cost and weigh"
PARAM items AS ARRAY LIKE [{"product": "mug", "quantity": 2}] DESCRIPTION "Which products, and how many of each"

catalogue = {}
FOR EACH offer IN FIND "catalogue"
  catalogue[offer.product] = offer
NEXT

total = 0
lines = []
problem = IIF(LEN(items) = 0, "The order is empty.", "")

FOR EACH item IN items
  product = LCASE(TRIM(item.product))
  offer = catalogue[product]
  quantity = VAL(item.quantity)

  IF offer IS NULL THEN
    problem = "We do not sell " + item.product + "."
  ELSE IF quantity < 1 OR quantity > 100 OR quantity <> INT(quantity) THEN
    problem = "Please order 1 to 100 of each product; " + item.quantity + " of " + product + " is not possible."
  ELSE
    total = ROUND(total + offer.price * quantity, 2)
    lines.PUSH({"product": product, "quantity": quantity, "kilos": offer.kilos})
  END IF
NEXT

RETURN {"total": total, "lines": lines, "problem": problem}
