HEAR word AS "done", *
TALK word                                    ' expect: something
' answer HEAR: "something"
