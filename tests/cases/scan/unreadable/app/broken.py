def f(:
    import json
