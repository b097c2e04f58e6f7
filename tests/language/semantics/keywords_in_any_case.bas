talk "lower"                                 ' expect: lower
If 1 = 1 Then
  Talk "mixed"                               ' expect: mixed
End If
