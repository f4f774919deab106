from . import deep

VALUE = deep
