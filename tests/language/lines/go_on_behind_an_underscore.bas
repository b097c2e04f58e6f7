TALK "a " + _
  "text"                    ' expect: a text
x = MAX(1, _
  5)
TALK x                      ' expect: 5
_ = 2
TALK _ + 1                  ' expect: 3
