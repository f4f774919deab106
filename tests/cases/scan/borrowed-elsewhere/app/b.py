import app
import xml
from . import a

y = app.sub.x


def use():
    return xml.dom.minidom, a
