FOR EACH item IN ["x", "y"]
  STEP 1: BOT "pack" item
  PUBLISH EVENT "packed" WITH {item: item, box: result}
NEXT
RETURN step1
' answer BOT: 1
' answer BOT: 2
' expect result: 2
' expect effect: event.published
' expect effect: event.published
