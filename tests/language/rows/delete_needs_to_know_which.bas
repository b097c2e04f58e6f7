DELETE "customers"
' expect error: Line 1: DELETE needs a table and which rows: DELETE "customers", "id = 7".
