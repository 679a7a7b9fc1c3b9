"""Reading XML from a stranger: no document type, no entity, no file, no network."""

from __future__ import annotations

from lxml import etree

from serving.services.look_up import Refused

_NOT_READ = "the message cannot be read"
# The most elements of a message: one about a hundred persons has some hundreds. A validator's time grows with the
# square of what is wrong in it.
_MOST_ELEMENTS = 2_000


def read_xml(body: bytes) -> etree._Element:
    """The root of a document in UTF-8. Raises `Refused`."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{_NOT_READ}: it is not UTF-8", todo="send the message in UTF-8") from error
    # Before anything is parsed: what a document type declares is expanded while it is read.
    if "<!" in text and ("<!DOCTYPE" in text or "<!ENTITY" in text):
        raise Refused(f"{_NOT_READ}: it has a document type", todo="send the message without <!DOCTYPE")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise Refused(f"{_NOT_READ}: it is no XML (line {line})", todo="send well-formed XML") from error
    if root is None:
        raise Refused(f"{_NOT_READ}: it is empty", todo="send a message")
    if sum(1 for _ in root.iter()) > _MOST_ELEMENTS:
        raise Refused(f"{_NOT_READ}: it has too many elements", todo=f"send at most {_MOST_ELEMENTS:,}")
    return root
