' answer SENTIMENT: "negative"
' answer DETECT URGENCY: "high"
' answer CLASSIFY INTENT: "refund"
TALK SENTIMENT "This is bad"                 ' expect: negative
TALK DETECT URGENCY "The house is on fire"   ' expect: high
TALK CLASSIFY INTENT "I want my money back"  ' expect: refund
