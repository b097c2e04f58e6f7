DELETE HTTP "https://example.com/orders/7"
' expect announced: Line 1: DELETE HTTP
