' answer HEAR: {"text": "anything at all"}
HEAR wish AS "What would you like?"
' expect wait: HEAR
TALK wish                                    ' expect: anything at all
