names = LIST MODELS
TALK UBOUND(names) + ": " + names[1]         ' expect: 2: b
' answer LIST MODELS: ["a", "b"]
