a = {Name: "x", list: [1, 2, 3], "two words": 2}
TALK a.name + a.list[-1] + a["two words"]    ' expect: x32
TALK a.list.length                           ' expect: 3
TALK "[" + a.nothing + a.list[9] + a.nothing.deeper + "]"   ' expect: []
