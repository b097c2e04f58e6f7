TALK "a" + 1 + NULL + 2.0 + TRUE             ' expect: a12true
