import logging

logging.getLogger('app').setLevel('INFO')
