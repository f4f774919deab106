from fractions import *
