SEARCH PRODUCTS "laptop", 5
' expect announced: Line 1: SEARCH PRODUCTS
