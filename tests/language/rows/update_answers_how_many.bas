' answer UPDATE "customers": 2
n = UPDATE "customers" SET city = "Porto" WHERE city = "Oporto"
TALK n + " rows"                             ' expect: 2 rows
