TALK FILL {name: "Ana"}, "Dear {{name}}"     ' expect: Dear Ana
lines = FILL [{n: 1}, {n: 2}], {text: "no. {{n}}"}
TALK lines[1].text                           ' expect: no. 2
