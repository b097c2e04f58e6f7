' answer UPDATE "deals": 1
' expect journal: UPDATE 1
SET "deals", "id = 7", "stage = won"
TALK "changed"                               ' expect: changed
