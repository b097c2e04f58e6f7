REMEMBER "rate" = 1.5
REMEMBER "list", [1, 2], "30 days"
REMEMBER "gone", "x", 0
TALK (RECALL "rate") * 2                     ' expect: 3
TALK UBOUND(RECALL "list")                   ' expect: 2
TALK "[" + (RECALL "gone") + "]"             ' expect: []
