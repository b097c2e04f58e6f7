USE KB "products"
' expect announced: Line 1: USE KB
