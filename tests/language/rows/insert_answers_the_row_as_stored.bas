' answer INSERT "orders": {"id": 3, "total": 9.5}
row = INSERT INTO "orders" WITH total = 9.5
TALK row.id + ": " + row.total               ' expect: 3: 9.5
