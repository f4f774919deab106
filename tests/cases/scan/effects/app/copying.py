import copyreg

copyreg.pickle(int, print)
