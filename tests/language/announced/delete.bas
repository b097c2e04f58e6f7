DELETE FROM "customers" WHERE id = 7
' expect announced: Line 1: DELETE
