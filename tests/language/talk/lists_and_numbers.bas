TALK [1, "a"]                                ' expect: [1, "a"]
TALK 1.50                                    ' expect: 1.5
TALK NULL
' expect: 
