' answer SEARCH "customers": [{"name": "Joana"}]
found = SEARCH "customers", "name", "ana"
TALK found[0].name                           ' expect: Joana
