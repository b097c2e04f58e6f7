DELAY 5 TIMEOUT 3
HUMAN APPROVAL FROM "ana" RETRY 3
BOT "a" "b"
  IF IN DOUBT SKIP
x = 1
RETRY 3 RETRY 4
' expect error: Line 1: TIMEOUT has no meaning for DELAY. Remove it.
' expect error: Line 2: RETRY has no meaning for HUMAN APPROVAL. Remove it.
' expect error: Line 4: IF IN DOUBT belongs to ONCE. Write ONCE before the statement.
' expect error: Line 6: The statement has RETRY twice. Keep one of them.
' expect warning: Line 6: RETRY has nothing to act on: nothing here reaches outside. Remove it.
