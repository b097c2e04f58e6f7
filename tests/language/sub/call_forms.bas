SUB hello
  TALK "hello"
END SUB
CALL hello
hello()
CALL hello()
' expect: hello
' expect: hello
' expect: hello
