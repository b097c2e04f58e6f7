' answer DELETE "sessions": 3
n = DELETE FROM "sessions" WHERE age > 30
TALK n + " gone"                             ' expect: 3 gone
