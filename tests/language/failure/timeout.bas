STEP 1: BOT "echo" "quick"
  TIMEOUT 60
TALK result    ' expect: quick
