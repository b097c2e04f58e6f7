secret = FORWARD EVENT "order.*" TO "https://example.com/hooks"
TALK secret                                  ' expect: whsec_abc
' answer FORWARD EVENT: "whsec_abc"
