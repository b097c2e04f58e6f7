' input: size = "L"
PARAM size AS STRING ENUM ["S", "L"]
TALK size                                    ' expect: L
