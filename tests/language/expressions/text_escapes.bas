TALK "a \"quoted\" word"                     ' expect: a "quoted" word
TALK "two\nlines"                            ' expect: two\nlines
