ONCE BOT "pay" "1" RETRY 3
' expect error: Line 1: ONCE and RETRY contradict each other. Leave one of them out; IF IN DOUBT RETRY says that repeating does no harm.
