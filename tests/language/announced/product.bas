PRODUCT "X-100"
' expect announced: Line 1: PRODUCT
