o = {dealId: 1}
o.NewKey = 2
TALK JSON(o) + o.dealid                      ' expect: {"dealId": 1, "NewKey": 2}1
