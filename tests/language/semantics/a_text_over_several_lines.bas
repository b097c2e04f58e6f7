x = "one
two"
TALK x                                       ' expect: one\ntwo
