CREATE INDEX by_name ON customers(name)
' expect announced: Line 1: CREATE INDEX
