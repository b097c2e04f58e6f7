' answer RUN PYTHON: "42"
' answer RUN JAVASCRIPT: "43"
' answer RUN BASH: "hello"
TALK RUN PYTHON "print(6 * 7)"               ' expect: 42
TALK RUN JAVASCRIPT "console.log(43)"        ' expect: 43
TALK RUN BASH WITH FILE "hello.sh"           ' expect: hello
