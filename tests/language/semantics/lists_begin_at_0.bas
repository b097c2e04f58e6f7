a = [1, 2, 3]
TALK a[0] + a[2] + a[-1]                     ' expect: 7
