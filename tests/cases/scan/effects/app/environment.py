import os

os.environ['BAT'] = '1'
