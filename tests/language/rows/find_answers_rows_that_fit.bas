' answer FIND "customers": [{"name": "Ana", "city": "Porto"}, {"name": "Bo", "city": "Lisbon"}]
' answer FIND "nobody": []
found = FIND "customers" WHERE city <> "Faro" ORDER BY name LIMIT 2
TALK found[0].name + " and " + found[1].name ' expect: Ana and Bo
none = FIND "nobody", "name = Zed"
IF UBOUND(none) = 0 THEN TALK "nobody"       ' expect: nobody
