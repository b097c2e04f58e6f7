' answer AUTOCOMPLETE "customers": ["Ana", "Anabela"]
TALK (AUTOCOMPLETE "customers", "name", "an")[1]   ' expect: Anabela
