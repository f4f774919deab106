from . import deeper

VALUE = deeper
