"""Distributions whose import packages have other names: what people declare most, from their own documentation.

A line is a module, and the distributions that bring it, the usual one first. A module below a line's counts, too.
"""

from __future__ import annotations

from deferred_imports.tooling.table.names import with_parents

_KNOWN = """
    Crypto: pycryptodome
    Cryptodome: pycryptodomex
    Levenshtein: Levenshtein python-Levenshtein
    MySQLdb: mysqlclient
    OpenGL: PyOpenGL
    OpenSSL: pyOpenSSL
    PIL: pillow
    Xlib: python-xlib
    absl: absl-py
    airflow: apache-airflow
    attr: attrs
    barcode: python-barcode
    bs4: beautifulsoup4
    bson: pymongo
    cairo: pycairo
    consul: python-consul
    corsheaders: django-cors-headers
    cv2: opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless
    dateutil: python-dateutil
    dbus: dbus-python
    debug_toolbar: django-debug-toolbar
    discord: discord.py
    dns: dnspython
    docx: python-docx
    dotenv: python-dotenv
    engineio: python-engineio
    environ: django-environ
    faiss: faiss-cpu faiss-gpu
    fitz: PyMuPDF
    gi: PyGObject
    git: GitPython
    github: PyGithub
    gitlab: python-gitlab
    gnupg: python-gnupg
    google.protobuf: protobuf
    gridfs: pymongo
    grpc: grpcio
    grpc_health: grpcio-health-checking
    grpc_reflection: grpcio-reflection
    grpc_status: grpcio-status
    grpc_tools: grpcio-tools
    haiku: dm-haiku
    hydra: hydra-core
    igraph: igraph python-igraph
    impala: impyla
    jenkins: python-jenkins
    jose: python-jose
    jwt: PyJWT
    kafka: kafka-python kafka-python-ng
    ldap: python-ldap
    magic: python-magic
    memcache: python-memcached
    mpl_toolkits: matplotlib
    multipart: python-multipart
    mysql.connector: mysql-connector-python
    nacl: PyNaCl
    nmap: python-nmap
    objc: pyobjc-core
    opentelemetry: opentelemetry-api
    opentelemetry.sdk: opentelemetry-sdk
    osgeo: GDAL
    pkg_resources: setuptools
    pptx: python-pptx
    psycopg2: psycopg2 psycopg2-binary
    pylab: matplotlib
    pythoncom: pywin32
    pywintypes: pywin32
    rest_framework: djangorestframework
    serial: pyserial
    shapefile: pyshp
    skimage: scikit-image
    sklearn: scikit-learn
    slugify: python-slugify
    snappy: python-snappy
    socketio: python-socketio
    socks: PySocks
    speech_recognition: SpeechRecognition
    telegram: python-telegram-bot
    tlz: toolz
    tree: dm-tree
    umap: umap-learn
    usb: pyusb
    vlc: python-vlc
    win32api: pywin32
    win32com: pywin32
    win32con: pywin32
    win32event: pywin32
    win32file: pywin32
    win32gui: pywin32
    win32process: pywin32
    win32service: pywin32
    wx: wxPython
    xdist: pytest-xdist
    yaml: PyYAML
    yaml_env_tag: pyyaml_env_tag
    zmq: pyzmq
"""
_DEEPEST = 2  # parts of a name in the list
_OF = {
    module.strip(): names.split() for module, _, names in (line.partition(":") for line in _KNOWN.strip().splitlines())
}


def known_for(module: str) -> list[str]:
    """Return the distributions that are known to bring a module, as they are written, the innermost parent's first."""
    parents = with_parents(".".join(module.split(".")[:_DEEPEST]))
    return [name for parent in reversed(parents) for name in _OF.get(parent, ())]
