# coding: klingon
import json
