order = {id: 7}
PATCH "https://example.com/orders/7", order
' expect announced: Line 2: PATCH
