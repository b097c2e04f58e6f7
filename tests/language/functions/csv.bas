TALK CSV([{a: 1, b: "x,y"}, {a: 2}])         ' expect: a,b\n1,"x,y"\n2,\n
TALK TOCSV([[1, 2]])                         ' expect: 1,2\n
