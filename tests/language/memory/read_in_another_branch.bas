SET BOT MEMORY "k", "before"
PARALLEL
  BRANCH a: x = GET BOT MEMORY "k"
END PARALLEL
TALK x                                       ' expect: before
