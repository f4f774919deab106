import os


def set_up():
    os.environ['X'] = '1'


set_up()
