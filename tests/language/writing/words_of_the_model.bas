' answer REWRITE: "Dear Ana"
' answer TRANSLATE: "Olá"
' answer SUMMARIZE: "Short"
' answer CLASSIFY: "billing"
' answer CALCULATE: 42
' answer VALIDATE: {"valid": false, "reason": "no street"}
TALK REWRITE "hey ana"                       ' expect: Dear Ana
TALK TRANSLATE "Hello" TO "pt"               ' expect: Olá
TALK SUMMARIZE "A long text", 10             ' expect: Short
TALK CLASSIFY "I want my money back", ["billing", "technical"]   ' expect: billing
TALK CALCULATE "six times seven"             ' expect: 42
v = VALIDATE "Somewhere", "a postal address"
TALK v.reason                                ' expect: no street
