table = {1: 'one'}
