import sys

assert sys.platform != "win32"
