"""The XML of message pushes: elements and text, read and written. Nothing is declared, so nothing can be expanded."""

from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import escape

DEPTH_MAX = 8
FIELDS_MAX = 1000


class NotOurXml(Exception):
    """Malformed, nested deeper than any push, or with a DOCTYPE, by which a few lines can become gigabytes."""


def fields_of(text: str) -> dict[str, Any] | str:
    """What the outermost element holds: texts, dicts of further elements, and a list where a name comes again."""
    reader = _Reader()
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.StartElementHandler = reader.begin
    parser.CharacterDataHandler = reader.hear
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(text, True)
    except ExpatError:
        raise NotOurXml from None
    return reader.found


def written(fields: dict[str, Any], *, name: str = "xml") -> str:
    """The element of that name with these fields; a list becomes one element for each of its members."""
    inner = "".join(
        written(one, name=field) if isinstance(one, dict) else f"<{field}>{escape(str(one))}</{field}>"
        for field, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    )
    return f"<{name}>{inner}</{name}>"


class _Reader:
    """Hears an element after the other and keeps what they hold."""

    def __init__(self) -> None:
        self.found: dict[str, Any] | str = {}
        self._open: list[tuple[dict[str, Any], list[str]]] = []
        self._fields = 0

    def refuse(self, *_: object) -> None:
        raise NotOurXml

    def begin(self, _name: str, _attributes: dict[str, str]) -> None:
        self._fields += 1
        if len(self._open) >= DEPTH_MAX or self._fields > FIELDS_MAX:
            raise NotOurXml
        self._open.append(({}, []))

    def hear(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, name: str) -> None:
        fields, texts = self._open.pop()
        held = fields or "".join(texts).strip()
        if not self._open:
            self.found = held
            return
        outer = self._open[-1][0]
        if name not in outer:
            outer[name] = held
        elif isinstance(outer[name], list):
            outer[name].append(held)
        else:
            outer[name] = [outer[name], held]
