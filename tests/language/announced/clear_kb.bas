CLEAR KB "products"
' expect announced: Line 1: CLEAR KB
