PRODUCTS "laptops"
' expect announced: Line 1: PRODUCTS
