from .early import EARLY
from .free import FREE
from .later import LATER
from .read import READ
