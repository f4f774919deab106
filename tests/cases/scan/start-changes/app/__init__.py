from .shapes import area
from .colours import RED

DEFAULT = RED
