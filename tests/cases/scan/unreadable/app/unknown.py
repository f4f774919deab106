# coding: nothing
import json
