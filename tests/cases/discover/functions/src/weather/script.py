import sys

if __name__ != "__main__":
    import getpass
else:
    import gettext

if "__main__" == __name__ and sys.argv:
    import glob

    def main():
        import graphlib

    main()

if __name__ == "__main__":
    import hashlib
    from . import late
else:
    import heapq
