mode = SET MODEL ROUTING "Auto"
TALK mode                                    ' expect: auto
' expect effect: model.preferred
