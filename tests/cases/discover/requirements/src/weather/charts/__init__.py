import matplotlib  # which an extra brings
