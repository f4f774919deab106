import sys

if sys.platform == 'win95':
    import colorama

    colorama.just_fix_windows_console()
