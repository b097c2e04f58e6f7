x = CALL "log-call.bas", "Ana"
TALK x                                       ' expect: logged
' answer CALL "log-call.bas": "logged"
