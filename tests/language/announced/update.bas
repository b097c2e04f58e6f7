UPDATE "customers" SET city = "Porto" WHERE id = 7
' expect announced: Line 1: UPDATE
