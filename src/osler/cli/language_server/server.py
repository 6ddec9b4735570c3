"""The loop that talks to an editor: it keeps what is open and what is known, and asks the rest.

A document is checked some time after the last key, in a thread of its own, so that typing
never waits for a check; what was found is sent only if the text is still the same.
"""

import asyncio
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from osler.cli.language_server.answers import (
    completions_at,
    diagnostic_of,
    fixes_in,
    hover_at,
)
from osler.cli.language_server.documents import (
    Document,
    Known,
    check_by_itself,
    check_in_folder,
    folder_of,
    know,
)
from osler.cli.language_server.places import lines_of

# Seconds after the last key before a check begins: long enough to type a word in.
PAUSE = 0.3
_WATCHED = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
_FILES = types.DidChangeWatchedFilesRegistrationOptions(
    [types.FileSystemWatcher("**/*.{csv,toml,json,md}")]
)
# What makes an editor ask for completions while one types.
TRIGGERS = ['"', ".", ";", "@", "/"]


class OslerServer(LanguageServer):
    """Open documents with what was found in them, and the folders they belong to."""

    def __init__(self, version: str, pause: float = PAUSE) -> None:
        super().__init__("osler", version, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.pause = pause
        self.texts: dict[str, tuple[int, str]] = {}
        self.checked: dict[str, tuple[str, Document]] = {}
        self.folders: dict[Path, Known] = {}
        self.waiting: dict[str, asyncio.Task[None]] = {}
        self.reading = asyncio.Lock()

    def put(self, uri: str, version: int, text: str) -> None:
        """Keeps the text of a document and checks it after a pause."""
        self.texts[uri] = (version, text)
        self.plan(uri, self.pause)

    def plan(self, uri: str, pause: float) -> None:
        """Checks a document after a pause, and no longer after the pause before."""
        before = self.waiting.pop(uri, None)
        if before is not None:
            before.cancel()
        self.waiting[uri] = asyncio.get_running_loop().create_task(self._check(uri, pause))

    def plan_all(self, folder: Path | None) -> None:
        """Checks every open document of a folder at once; a table or a file on disk changed."""
        for uri in self.texts:
            if folder is None or folder_of(path_of(uri)) == folder:
                self.plan(uri, 0)

    def forget(self, uri: str) -> None:
        """A document was closed: its squiggles go."""
        before = self.waiting.pop(uri, None)
        if before is not None:
            before.cancel()
        self.texts.pop(uri, None)
        self.checked.pop(uri, None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    async def _check(self, uri: str, pause: float) -> None:
        await asyncio.sleep(pause)
        version, text = self.texts[uri]
        document = await self._checked(uri, text)
        if document is None or self.texts.get(uri, (-1, ""))[0] != version:
            return
        self.checked[uri] = (text, document)
        lines, encoding = lines_of(text), self.encoding
        shown = [diagnostic_of(d, lines, encoding) for d in document.diagnostics]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, shown, version=version)
        )

    async def _checked(self, uri: str, text: str) -> Document | None:
        path, today = path_of(uri), date.today()
        folder = folder_of(path)
        if folder is None:
            return await asyncio.to_thread(check_by_itself, path.name, text, today)
        overlay = self._overlay(folder)
        try:
            async with self.reading:
                before = self.folders.get(folder)
                known = await asyncio.to_thread(know, folder, overlay, today, before)
                self.folders[folder] = known
        except OSError as error:
            message = f"{folder} cannot be read: {error.strerror or error}"
            shown = types.ShowMessageParams(types.MessageType.Warning, message)
            self.window_show_message(shown)
            return None
        name = path.relative_to(folder).as_posix()
        return await asyncio.to_thread(check_in_folder, known, name, text)

    def _overlay(self, folder: Path) -> Mapping[str, str]:
        """The open documents of a folder, by their paths within it."""
        return {
            path.relative_to(folder).as_posix(): text
            for uri, (_, text) in self.texts.items()
            if (path := path_of(uri)).is_relative_to(folder) and folder_of(path) == folder
        }

    @property
    def encoding(self) -> types.PositionEncodingKind | str:
        """In what the editor counts columns; UTF-16 where it did not say."""
        return self.workspace.position_encoding or types.PositionEncodingKind.Utf16

    def current(self, uri: str) -> tuple[str, Document] | None:
        """The text in the editor and the last check of it, which may be older by some keys."""
        if uri not in self.checked or uri not in self.texts:
            return None
        return self.texts[uri][1], self.checked[uri][1]

    def settled(self, uri: str) -> tuple[str, Document] | None:
        """As :meth:`current`, but None where the text has changed since the check."""
        if uri not in self.checked or uri not in self.texts:
            return None
        checked = self.checked[uri]
        return checked if checked[0] == self.texts[uri][1] else None


def path_of(uri: str) -> Path:
    """The path of a document; one that was never saved has only a name."""
    return Path(uris.to_fs_path(uri) or uri)


def make_server(version: str, pause: float = PAUSE) -> OslerServer:
    """A server with everything it can do, not yet running."""
    server = OslerServer(version, pause)
    _follow(server)
    _answer(server)
    return server


def _follow(server: OslerServer) -> None:
    """What an editor tells: opened, changed, saved, closed, and that a table changed on disk."""

    @server.feature(types.INITIALIZED)
    async def started(ls: OslerServer, params: types.InitializedParams) -> None:
        workspace = ls.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching and watching.dynamic_registration:
            await ls.client_register_capability_async(
                types.RegistrationParams([types.Registration("osler-files", _WATCHED, _FILES)])
            )

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: OslerServer, params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        ls.texts[document.uri] = (document.version, document.text)
        ls.plan(document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(ls: OslerServer, params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        text = ls.workspace.get_text_document(document.uri).source
        ls.put(document.uri, document.version, text)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(ls: OslerServer, params: types.DidSaveTextDocumentParams) -> None:
        ls.plan_all(folder_of(path_of(params.text_document.uri)))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def elsewhere(ls: OslerServer, params: types.DidChangeWatchedFilesParams) -> None:
        ls.plan_all(None)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(ls: OslerServer, params: types.DidCloseTextDocumentParams) -> None:
        ls.forget(params.text_document.uri)


def _answer(server: OslerServer) -> None:
    """What an editor asks: the evidence, fixes, completions."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: OslerServer, params: types.HoverParams) -> types.Hover | None:
        found = ls.settled(params.text_document.uri)
        if found is None:
            return None
        text, document = found
        return hover_at(document, lines_of(text), params.position, ls.encoding)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    async def fixes(ls: OslerServer, params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        found = ls.settled(uri)
        if found is None:
            return []
        text, document = found
        return fixes_in(document, lines_of(text), uri, params.range, ls.encoding)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=TRIGGERS)
    )
    async def completion(
        ls: OslerServer, params: types.CompletionParams
    ) -> list[types.CompletionItem]:
        found = ls.current(params.text_document.uri)
        if found is None:
            return []
        text, document = found
        return completions_at(document, lines_of(text), params.position, ls.encoding)
