from . import assigned, at_exit, by_function, copying, declared, defaulted, environment, filtering, foreign_call, indirect, logs, looping, patched, patched_standard, paths, quiet_click, quiet_later, quiet_logging, quiet_own, quiet_values, receiving, signals, subclassing, tasks, threads, trying, within


def use():
    return assigned, at_exit, by_function, copying, declared, defaulted, environment, filtering, foreign_call, indirect, logs, looping, patched, patched_standard, paths, quiet_click, quiet_later, quiet_logging, quiet_own, quiet_values, receiving, signals, subclassing, tasks, threads, trying, within
