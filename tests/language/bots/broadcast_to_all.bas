names = BROADCAST "Closing time" TO BOTS
TALK JOIN(names, "+")                        ' expect: desk+tax
' answer BROADCAST: ["desk", "tax"]
