SWITCH UCASE("b")
  CASE "A"
    TALK "never"
  CASE "B"
    TALK "b"                                 ' expect: b
  DEFAULT
    TALK "never"
END SWITCH
