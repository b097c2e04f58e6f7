CLEAR KB                                     ' expect effect: kb.cleared
CLEAR KB "handbook.gbkb"                     ' expect effect: kb.cleared
CLEAR KB ALL                                 ' expect effect: kb.cleared
