SUB change(list)
  PUSH list, 9
  TALK JSON(list)                            ' expect: [1, 9]
END SUB
a = [1]
change(a)
TALK JSON(a)                                 ' expect: [1]
