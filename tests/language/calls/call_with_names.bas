x = CALL "log-call" WITH who = "Ana", n = 2
TALK x                                       ' expect: logged
' answer CALL: "logged"
