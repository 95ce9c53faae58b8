"""A wire between a browser and the product that a test can cut and mend, as a train does in a tunnel."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Wire:
    """Passes bytes on, both ways. While it is cut, what ran through it is gone and nothing new gets through."""

    def __init__(self, port: int) -> None:
        self.there = ("127.0.0.1", port)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.is_cut = False
        self.running: set[socket.socket] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        for end in [*self.running]:
            self._close(end)

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        self._close(self.listening)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                here, _address = self.listening.accept()
                if self.is_cut:
                    self._close(here)
                    continue
                there = socket.create_connection(self.there)
                self.running |= {here, there}
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            self._close(end)

    def _close(self, end: socket.socket) -> None:
        self.running.discard(end)
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
