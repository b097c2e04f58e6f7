customer = {id: 7}
SAVE "customers", customer
' expect announced: Line 2: SAVE
