chosen = USE MODEL "Quality"
TALK chosen                                  ' expect: quality
' expect effect: model.preferred
