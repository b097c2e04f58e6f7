' answer LIST: ["a.txt", "b.txt"]
' answer DIR: [{"name": "a.txt", "size": 7}]
names = LIST "reports", "*.txt"
TALK names[1]                                ' expect: b.txt
files = DIR "reports"
TALK files[0].size                           ' expect: 7
