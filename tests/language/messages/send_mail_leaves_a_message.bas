x = SEND MAIL "ana@example.com", "Hi", "text"   ' expect effect: message.left
IF LEN(x) = 36 THEN TALK "kept"             ' expect: kept
