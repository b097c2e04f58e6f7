name = HEAR
TALK name                                    ' expect: Ana
' answer HEAR: "Ana"
