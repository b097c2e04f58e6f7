QUERY "SELECT name FROM customers"
' expect announced: Line 1: QUERY
