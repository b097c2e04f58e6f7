other_session = "other_session"
SEND TO SESSION other_session, "A colleague takes over"
' expect announced: Line 2: SEND TO SESSION
