STEP 1: BOT "b" "x"
' answer BOT: error The bot is ill.
' expect error: Line 1: The bot is ill.
