STEP 1: PARALLEL ANY
  BRANCH broken: THROW "out of order"
  BRANCH works: LLM "b"
END PARALLEL
TALK result.works + " " + branch_broken.error    ' expect: fine out of order
' answer LLM "b": "fine"
