id = START PROGRAM "RETURN 1" WITH INPUTS {a: 1}
TALK id                                      ' expect: e-2
' answer START WORKFLOW: "e-2"
