PARALLEL
  BRANCH only: x = 1
END PARALLEL
TALK x                                       ' expect: 1
