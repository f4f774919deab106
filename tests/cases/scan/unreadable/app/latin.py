# café
import json
