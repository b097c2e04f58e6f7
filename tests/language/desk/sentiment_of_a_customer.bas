' answer ANALYZE SENTIMENT: {"overall": "negative", "score": -0.7, "urgency": "high", "escalation_risk": "high", "emoji": "x"}
s = ANALYZE SENTIMENT "chat-1", "I am angry"
TALK s.overall + " " + s.urgency             ' expect: negative high
