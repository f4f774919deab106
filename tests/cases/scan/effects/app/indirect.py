from . import at_exit

VALUE = at_exit.token
