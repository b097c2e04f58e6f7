SET SESSION "city", "Lisbon"
SET SESSION "list" AS [1, 2]
SET SESSION "n" = 4
TALK GET SESSION "city"                      ' expect: Lisbon
TALK (GET SESSION "list")[1] + GET SESSION "n"   ' expect: 6
TALK "[" + (GET SESSION "none") + "]"        ' expect: []
