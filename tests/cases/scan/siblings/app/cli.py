import xml.dom
import xml.sax
import urllib.parse
import urllib.request

ERROR = urllib.error.URLError


def main():
    return xml.dom.Node, xml.sax.parse, urllib.parse.quote, urllib.request
