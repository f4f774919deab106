from .late import Report

Report().render()
