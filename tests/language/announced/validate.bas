address = "address"
VALIDATE address, "postal"
' expect announced: Line 2: VALIDATE
