order = {id: 7}
PUT "https://example.com/orders/7", order
' expect announced: Line 2: PUT
