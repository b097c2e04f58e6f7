a = [1]
TALK a[5] IS NULL                            ' expect: true
