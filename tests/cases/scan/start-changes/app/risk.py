import atexit

atexit.register(print)
VALUE = 1
