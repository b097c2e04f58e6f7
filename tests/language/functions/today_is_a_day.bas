TALK (TODAY() <= NOW()) + " " + LEN(TODAY())   ' expect: true 10
