CATCH x
' expect error: Line 1: CATCH stands outside TRY. Move it into TRY, or remove it.
