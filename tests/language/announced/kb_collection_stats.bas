KB COLLECTION STATS "faq"
' expect announced: Line 1: KB COLLECTION STATS
