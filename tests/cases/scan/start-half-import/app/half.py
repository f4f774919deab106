from . import light
import there_is_no_such

HALF = light
