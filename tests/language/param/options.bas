PARAM size AS "small", "large"
' input: size = "LARGE"
TALK size                                    ' expect: large
