import logging

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())
logger.debug('imported')
