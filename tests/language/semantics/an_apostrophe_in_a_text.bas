TALK "it's"        ' a comment, it's one
' expect: it's
