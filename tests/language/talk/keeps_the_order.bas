TALK "one"                                   ' expect: one
x = LLM "think"
TALK x                                       ' expect: two
TALK "three"                                 ' expect: three
' answer LLM: "two"
