TALK KB DOCUMENTS COUNT                      ' expect: 2
TALK KB DOCUMENTS COUNT "handbook"           ' expect: 2
TALK KB DOCUMENTS COUNT "nothing"            ' expect: 0
TALK KB DOCUMENTS ADDED SINCE 7              ' expect: 1
TALK KB DOCUMENTS ADDED SINCE 30             ' expect: 2
TALK KB STORAGE SIZE                         ' expect: 3
FOR EACH name IN KB LIST COLLECTIONS
  TALK name                                  ' expect: handbook
NEXT
x = KB DOCUMENTS ADDED SINCE -1
' expect error: Line 10: KB DOCUMENTS ADDED SINCE needs a number of days, not -1.
