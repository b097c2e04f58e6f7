' answer AI SCORE LEAD: {"score": 72, "grade": "B", "qualified": true, "reason": "A budget"}
' answer SCORE LEAD: {"score": 50, "grade": "C", "status": "warm", "qualified": false}
' answer QUALIFY LEAD: {"qualified": false, "score": 50, "grade": "C", "status": "nurture"}
lead = {name: "Ana", email: "ana@example.com", phone: "1"}
a = AI SCORE LEAD lead
TALK a.score + " " + a.grade                 ' expect: 72 B
b = SCORE LEAD lead
TALK b.score + " " + b.status                ' expect: 50 warm
c = QUALIFY LEAD lead, 40
TALK c.status                                ' expect: nurture
