"""``osler screen`` on a folder, begun again each time that it is killed.

Everything is imported once and each server is a fork, so that a start takes milliseconds; what
a server knows it reads from the folder. Writes the process id of each.
"""

import os
import sys
from importlib import import_module


def main(folder: str, port: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "osler.web.screening.local_settings"
    os.environ["OSLER_SCREEN_FOLDER"] = folder
    os.environ["OSLER_SCREEN_REVIEWER"] = "A. Author"
    import_module("django").setup()
    serving = import_module("osler.web.screening.serving")
    while True:
        child = os.fork()
        if child == 0:
            serving.prepare()
            made = serving.server(port)
            os.write(1, f"{os.getpid()}\n".encode())
            serving.run(made)
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
