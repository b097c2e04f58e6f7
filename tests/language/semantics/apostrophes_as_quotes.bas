q = "x"
TALK '"' + q + '"'
' expect: "x"
