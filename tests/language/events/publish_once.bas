id = PUBLISH EVENT "order.paid" WITH {id: 7} KEY "7" DEDUPE "order 7"
TALK id                                      ' expect: the first
' answer PUBLISH EVENT: "the first"
