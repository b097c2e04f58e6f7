order = {id: 7}
POST "https://example.com/orders", order
' expect announced: Line 2: POST
