PARALLEL
  BRANCH one: a = BOT "echo one" "1"
  BRANCH two: b = BOT "echo two" "2"
END PARALLEL
TALK a + b                                   ' expect: 12
