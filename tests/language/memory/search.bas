found = SEARCH MEMORY "Where does Ada live?" LIMIT 3
TALK found[0].value                          ' expect: Ada lives in Lisbon
' answer SEARCH MEMORY: [{"key": "ada", "value": "Ada lives in Lisbon", "version": 1, "score": 2.5, "origin": ""}]
