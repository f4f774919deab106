import signal

signal.signal(signal.SIGTERM, print)
