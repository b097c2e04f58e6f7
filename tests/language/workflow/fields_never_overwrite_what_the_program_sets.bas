' input: region = "north"
PARAM customer AS STRING DEFAULT "Ana"
status = "mine"
STEP 1: BOT "b" "x"
TALK status + " " + customer + " " + region + " " + other   ' expect: mine Ana north new
' answer BOT: {"status": "theirs", "customer": "x", "region": "y", "other": "new"}
