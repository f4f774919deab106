class heavy: ...


light = 1
