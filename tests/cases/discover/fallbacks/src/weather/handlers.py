"""What the handlers around fallbacks catch."""


def narrow():
    try:
        import rapidjson as json
    except ModuleNotFoundError:
        import json
    return json


def wide():
    try:
        from cjson import dumps
    except (ImportError, OSError, custom.Error):
        try:
            from mjson import dumps
        except:
            from json import dumps
    return dumps


def twice(both):
    if both:
        try:
            import uuid7 as uuid
        except ModuleNotFoundError:
            import uuid
    else:
        try:
            import uuid7 as uuid
        except Exception:
            import uuid
    return uuid
