rows = [{id: 1}]
EXPORT "customers.csv", rows
' expect announced: Line 2: EXPORT
