TALK ASK BOT "tax" ABOUT "19% of 100"        ' expect: 19
' answer ASK BOT "tax": 19
