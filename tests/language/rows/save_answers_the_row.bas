' answer SAVE "customers": {"id": 7, "name": "Ana"}
name = "Ana"
stored = SAVE "customers", 7, name
TALK stored.id + " " + stored.name           ' expect: 7 Ana
