TALK "a-b".split("-").length + " " + "  x ".trim().length + " " + [3, 1].contains(1)   ' expect: 2 1 true
