answers = COLLABORATE WITH "echo legal, echo tax" ON "the contract"
TALK JSON(answers)                           ' expect: {"echo legal": "the contract", "echo tax": "the contract"}
