customer = {id: 7}
INSERT INTO "customers" VALUES customer
' expect announced: Line 2: INSERT
