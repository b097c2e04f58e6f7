ORCHESTRATE WORKFLOW "p"
base = 10
STEP 1: PARALLEL
  BRANCH A: BOT "stock" "check"
  BRANCH B:
    price = LLM "price"
    total = base + VAL(price)
END PARALLEL
TALK branch_a.result + " " + total           ' expect: ok 15
RETURN {all: result, b: branch_b.result}
' answer BOT: "ok"
' answer LLM: "5"
' expect result: {"all": {"A": "ok", "B": null}, "b": null}
