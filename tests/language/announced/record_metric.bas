RECORD METRIC "orders", 1
' expect announced: Line 1: RECORD METRIC
