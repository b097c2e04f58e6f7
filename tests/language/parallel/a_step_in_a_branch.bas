PARALLEL
  BRANCH a:
    STEP 4: BOT "a" "m"
    TALK "in the branch: " + step4           ' expect: in the branch: A
  BRANCH b: TALK "b"                         ' expect: b
END PARALLEL
RETURN [branch_a.result, step4]
' answer BOT: "A"
' expect result: ["A", "A"]
