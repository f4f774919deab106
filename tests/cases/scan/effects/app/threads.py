import threading

threading.Thread(target=print, daemon=True).start()
