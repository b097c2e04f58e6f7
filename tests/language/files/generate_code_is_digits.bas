' answer GENERATE CODE: "471142"
TALK GENERATE CODE 6                         ' expect: 471142
