import atexit

stream = open('/dev/null')
atexit.register(stream.close)
