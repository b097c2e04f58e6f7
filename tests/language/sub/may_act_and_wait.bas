FUNCTION ask(who)
  answer = BOT who "well?"
  RETURN answer + "!"
END FUNCTION
TALK ask("a") + ask("b")                     ' expect: 1!2!
' answer BOT "a": 1
' answer BOT "b": 2
