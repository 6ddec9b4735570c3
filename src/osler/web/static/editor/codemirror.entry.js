// What the editor needs of CodeMirror 6; bundled into codemirror.js, see codemirror.md.
export { EditorState } from "@codemirror/state";
export { EditorView, keymap, lineNumbers, highlightSpecialChars, drawSelection, highlightActiveLine } from "@codemirror/view";
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export { search, searchKeymap } from "@codemirror/search";
export { forEachDiagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
export { HighlightStyle, Language, defineLanguageFacet, syntaxHighlighting } from "@codemirror/language";
export { parser as markdownParser } from "@lezer/markdown";
export { tags } from "@lezer/highlight";
