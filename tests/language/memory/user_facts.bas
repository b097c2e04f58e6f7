city = "Lisbon"
SET USER FACT "city", city
SET USER FACT "pets" AS ["cat"]
FOR EACH fact IN USER FACTS
  TALK fact.key + ": " + fact.value          ' expect: city: Lisbon
NEXT
' expect: pets: ["cat"]
TALK GET USER MEMORY "city"                  ' expect: Lisbon
