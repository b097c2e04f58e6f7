a = NULL
TALK "[" + a?.name + "]"                     ' expect: []
b = {c: {d: 1}}
TALK b?.c?.d                                 ' expect: 1
