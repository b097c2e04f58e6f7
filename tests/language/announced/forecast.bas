FORECAST "Lisbon", 3
' expect announced: Line 1: FORECAST
