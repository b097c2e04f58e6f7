GET NEXT AVAILABLE AGENT "support"
' expect announced: Line 1: GET NEXT AVAILABLE AGENT
