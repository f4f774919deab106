import os, sys

WINDOWS = os.name == "nt"
PY311 = sys.version_info[:2] >= (3, 11)
NAME = "weather"  # the same whatever sys.platform is
