' Looks whether everything is on the shelf. A real shop would ask its warehouse, and have it put the goods aside.

DESCRIPTION "Tells which products of an order are missing"
PARAM lines AS ARRAY LIKE [{"product": "mug", "quantity": 2}] DESCRIPTION "Which products, and how many of each"

shelf = {"mug": 80, "tea pot": 25, "desk lamp": 12, "chair": 16, "shelf": 0, "desk": 5}
missing = []

' What one line takes is no longer there for the next: the same product may be in an order twice.
FOR EACH wanted IN lines
  product = wanted.product
  shelf[product] = shelf[product] - wanted.quantity
  IF shelf[product] < 0 AND NOT (product IN missing) THEN
    missing.PUSH(product)
  END IF
NEXT

RETURN {"missing": JOIN(missing, ", ")}
