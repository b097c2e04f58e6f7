TALK UBOUND(BROADCAST "Closing time" TO ["desk", "tax"])   ' expect: 2
' answer BROADCAST: ["desk", "tax"]
