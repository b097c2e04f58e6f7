HEAR name DEFAULT "nobody" TIMEOUT 10
TALK name                                    ' expect: nobody
' answer HEAR: timeout
' expect wait: HEAR 10
