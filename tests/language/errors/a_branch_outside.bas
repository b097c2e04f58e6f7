BRANCH a: x = 1
' expect error: Line 1: BRANCH stands outside PARALLEL. Move it into PARALLEL, or remove it.
