render = None
