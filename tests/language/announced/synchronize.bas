SYNCHRONIZE "https://example.com/orders", "orders", "id", "page", "limit"
' expect announced: Line 1: SYNCHRONIZE
