import app.sub
import xml.dom.minidom
from . import thing


def use():
    return app.sub.x, xml.dom.minidom, thing.y
