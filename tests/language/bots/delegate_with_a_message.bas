TALK DELEGATE "the bill" TO BOT "billing"    ' expect: paid
' answer DELEGATE: "paid"
