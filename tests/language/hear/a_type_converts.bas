HEAR age AS INTEGER
TALK age + 1                                 ' expect: 43
' answer HEAR: "42"
