x = WAIT FOR EVENT "e"
TALK x                                       ' expect: hello
' answer WAIT FOR EVENT: "hello"
