HEAR name
TALK "Hello " + name                         ' expect: Hello Ana
' answer HEAR: "Ana"
