' answer INSERT "orders": error The row is there already: Key (id)=(3) already exists.
INSERT INTO "orders" VALUES {id: 3}
' expect error: Line 2: The row is there already: Key (id)=(3) already exists.
