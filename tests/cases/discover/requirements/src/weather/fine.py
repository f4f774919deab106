import numpy
import helper
