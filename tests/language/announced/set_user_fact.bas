city = "city"
SET USER FACT "city", city
' expect announced: Line 2: SET USER FACT
