SET USER MEMORY "city", {name: "Faro"}
found = GET USER MEMORY "city"
TALK found.name                              ' expect: Faro
