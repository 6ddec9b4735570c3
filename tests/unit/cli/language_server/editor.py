"""An editor in few lines: speaks JSON-RPC with the real server over its standard streams."""

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

COMMAND = "from osler.cli.language_server.command import language_server_command as c; c()"
# Seconds; far more than a check takes on a busy machine.
PATIENCE = 60


class Editor:
    """Starts the server, sends and waits; ``with`` shuts it down and looks at how it ended."""

    def __init__(self, encodings: tuple[str, ...] = ("utf-16",)) -> None:
        self.server = subprocess.Popen(
            [sys.executable, "-c", COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()
        self.number = 0
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        general = {"general": {"positionEncodings": list(encodings)}}
        asked = {"processId": None, "rootUri": None, "capabilities": general}
        self.capabilities = self.ask("initialize", asked)["capabilities"]
        self.tell("initialized", {})

    def __enter__(self) -> "Editor":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            assert self.ask("shutdown", None) is None
            self.tell("exit", None)
            assert self.server.wait(PATIENCE) == 0
        self.server.kill()
        self.server.wait()
        self.listener.join(PATIENCE)
        assert self.server.stdin is not None and self.server.stdout is not None
        self.server.stdin.close()
        self.server.stdout.close()

    def _listen(self) -> None:
        stream = self.server.stdout
        assert stream is not None
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                header = stream.readline()
            message = json.loads(stream.read(length))
            (self.answers if "id" in message else self.told).put(message)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.server.stdin is not None
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.server.stdin.flush()

    def ask(self, method: str, params: Any) -> Any:
        """A request, and its result."""
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params})
        answer = self.answers.get(timeout=PATIENCE)
        assert answer["id"] == self.number and "error" not in answer, answer
        return answer["result"]

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def open(self, path: Path, text: str | None = None) -> list[dict[str, Any]]:
        """Opens a document, with a text that need not be on disk; what was found in it."""
        shown = path.read_text(encoding="utf-8") if text is None else text
        document = {"uri": path.as_uri(), "languageId": "x", "version": 1, "text": shown}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return self.found(path)

    def change(self, path: Path, text: str, version: int) -> None:
        document = {"uri": path.as_uri(), "version": version}
        changes = {"textDocument": document, "contentChanges": [{"text": text}]}
        self.tell("textDocument/didChange", changes)

    def found(self, path: Path, version: int | None = None) -> list[dict[str, Any]]:
        """The next diagnostics for a document (of this version)."""
        while True:
            message = self.told.get(timeout=PATIENCE)
            params = message["params"]
            is_own = params.get("uri") == path.as_uri() and "diagnostics" in params
            if is_own and version in (None, params.get("version")):
                return list(params["diagnostics"])

    def at(self, what: str, path: Path, line: int, character: int) -> Any:
        """A question about a position, such as "hover"."""
        place = {"line": line, "character": character}
        document = {"uri": path.as_uri()}
        return self.ask(f"textDocument/{what}", {"textDocument": document, "position": place})
