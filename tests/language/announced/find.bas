FIND "customers" WHERE city = "Lisbon" ORDER BY name LIMIT 10
' expect announced: Line 1: FIND
