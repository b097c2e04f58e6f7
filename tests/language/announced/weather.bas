WEATHER "Lisbon"
' expect announced: Line 1: WEATHER
