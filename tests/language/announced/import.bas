IMPORT "customers.csv"
' expect announced: Line 1: IMPORT
