INCREMENT BOT MEMORY "orders" BY "many"
' expect error: Line 1: BY needs a number, not "many".
