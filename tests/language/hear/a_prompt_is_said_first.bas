HEAR name WITH "What is your name?"          ' expect: What is your name?
TALK "Hello " + name                         ' expect: Hello Ana
' answer HEAR: "Ana"
