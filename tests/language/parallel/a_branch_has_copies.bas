list = [1]
PARALLEL
  BRANCH a:
    list.PUSH(2)
    RETURN LEN(list)
  BRANCH b:
    RETURN LEN(list)
END PARALLEL
TALK branch_a.result + "/" + branch_b.result + "/" + LEN(list)   ' expect: 2/1/2
