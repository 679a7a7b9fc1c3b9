"""The SOAP 1.2 envelope: WS-Addressing, the user name token with its timestamp, faults.

What is not answered is refused by a fault that says which setting the client needs: PREG's published binding opens a
secure conversation first, which only its own server took part in.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from serving.interfaces.preg_xml import moment_of
from serving.services.look_up import Refused

SOAP = "http://www.w3.org/2003/05/soap-envelope"
_SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
_ANONYMOUS = f"{ADDRESSING}/anonymous"
_FAULT_ACTION = f"{ADDRESSING}/fault"
SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_AS_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"
# Asking for a token: the first message of a secure conversation.
_TRUST = ("http://schemas.xmlsoap.org/ws/2005/02/trust", "http://docs.oasis-open.org/ws-sx/ws-trust/200512")

CONTENT_TYPE = "application/soap+xml; charset=utf-8"

# How far the clocks of client and server may be apart, and how long an answer says that it holds.
_SKEW = dt.timedelta(minutes=5)

_NO_SESSION = (
    "This service has no secure conversation. In WCF: security mode TransportWithMessageCredential,"
    ' clientCredentialType UserName, establishSecurityContext="false", negotiateServiceCredential="false"'
    " (docs/services.md)."
)


class Fault(Exception):
    """A fault.

    code: Sender | Receiver | VersionMismatch | MustUnderstand. subcode: namespace and name. reason: the words for a
    person. status: of HTTP.
    """

    def __init__(
        self, reason: str, *, code: str = "Sender", subcode: tuple[str, str] | None = None, status: int = 400
    ) -> None:
        self.reason = reason
        self.code = code
        self.subcode = subcode
        self.status = status
        super().__init__(reason)


@dataclass(frozen=True)
class Message:
    """A message as it came: its action (blank when it has none), its id, who sends it, and the element in its body."""

    action: str
    message_id: str
    user_name: str
    password: str
    content: etree._Element


def read_message(root: etree._Element, *, timestamp_needed: bool = False, now: dt.datetime | None = None) -> Message:
    """The message of an envelope. Raises `Fault`."""
    if root.tag == f"{{{_SOAP_11}}}Envelope":
        raise Fault(
            "This is SOAP 1.1. Send SOAP 1.2 (in WCF: a text encoding of Soap12WSAddressing10).", code="VersionMismatch"
        )
    if root.tag != f"{{{SOAP}}}Envelope":
        raise Fault("The message is no SOAP 1.2 envelope.", code="VersionMismatch")
    header = root.find(f"{{{SOAP}}}Header")
    body = root.find(f"{{{SOAP}}}Body")
    contents = [] if body is None else list(body)
    if len(contents) != 1:
        raise Fault("The body of the message has to have one element.")
    action = _text(header, f"{{{ADDRESSING}}}Action")
    if action.startswith(_TRUST) or etree.QName(contents[0]).namespace in _TRUST:
        raise Fault(_NO_SESSION, subcode=(SECURITY, "UnsupportedSecurityToken"))
    _refuse_what_is_not_understood(header)
    reply_to = _text(header, f"{{{ADDRESSING}}}ReplyTo", f"{{{ADDRESSING}}}Address")
    if reply_to not in ("", _ANONYMOUS):
        raise Fault(
            "The answer goes back by the same connection: send no ReplyTo, or the anonymous one.",
            subcode=(ADDRESSING, "OnlyAnonymousAddressSupported"),
        )
    user_name, password = _token(header, timestamp_needed, now or dt.datetime.now(dt.UTC))
    return Message(action, _text(header, f"{{{ADDRESSING}}}MessageID"), user_name, password, contents[0])


def message_id_of(root: etree._Element | None) -> str:
    """The id of a message, as far as there is one: the answer relates to it."""
    header = None if root is None else root.find(f"{{{SOAP}}}Header")
    return _text(header, f"{{{ADDRESSING}}}MessageID")


def answer(action: str, relates_to: str, content: str) -> bytes:
    """An envelope with a content, as UTF-8. content: XML."""
    return _envelope(action, relates_to, content, timestamp=True)


def fault(given: Fault, relates_to: str) -> bytes:
    """An envelope with a fault, as UTF-8."""
    subcode = ""
    if given.subcode:
        namespace, name = given.subcode
        subcode = f'<s:Subcode><s:Value xmlns:f="{namespace}">f:{name}</s:Value></s:Subcode>'
    content = (
        f"<s:Fault><s:Code><s:Value>s:{given.code}</s:Value>{subcode}</s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{escape(given.reason)}</s:Text></s:Reason></s:Fault>'
    )
    return _envelope(_FAULT_ACTION, relates_to, content, timestamp=False)


def _envelope(action: str, relates_to: str, content: str, *, timestamp: bool) -> bytes:
    related = f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>" if relates_to else ""
    security = ""
    if timestamp:
        now = dt.datetime.now(dt.UTC)
        # The binding that clients have asks for it.
        security = (
            f'<o:Security xmlns:o="{SECURITY}" s:mustUnderstand="1"><u:Timestamp xmlns:u="{UTILITY}" u:Id="_0">'
            f"<u:Created>{_moment(now)}</u:Created><u:Expires>{_moment(now + _SKEW)}</u:Expires></u:Timestamp>"
            "</o:Security>"
        )
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}"><s:Header>'
        f'<a:Action s:mustUnderstand="1">{escape(action)}</a:Action>'
        f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>{related}{security}</s:Header>"
        f"<s:Body>{content}</s:Body></s:Envelope>"
    ).encode()


def _moment(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _text(element: etree._Element | None, *path: str) -> str:
    found = None if element is None else element.find("/".join(path))
    return "" if found is None else (found.text or "").strip()


def _refuse_what_is_not_understood(header: etree._Element | None) -> None:
    for block in [] if header is None else header:
        must = block.get(f"{{{SOAP}}}mustUnderstand", "0") in ("1", "true")
        if must and etree.QName(block).namespace not in (ADDRESSING, SECURITY):
            raise Fault(
                "The message has a header that has to be understood, and is not.", code="MustUnderstand", status=400
            )


def _token(header: etree._Element | None, timestamp_needed: bool, now: dt.datetime) -> tuple[str, str]:
    security = None if header is None else header.find(f"{{{SECURITY}}}Security")
    token = None if security is None else security.find(f"{{{SECURITY}}}UsernameToken")
    if security is None or token is None:
        raise Fault(
            "The message has no user name token (wsse:Security, wsse:UsernameToken). " + _NO_SESSION,
            subcode=(SECURITY, "InvalidSecurity"),
        )
    _refuse_old(security.find(f"{{{UTILITY}}}Timestamp"), timestamp_needed, now)
    password = token.find(f"{{{SECURITY}}}Password")
    if password is None or password.get("Type", _AS_TEXT) != _AS_TEXT:
        raise Fault(
            "The user name token has to have its password as text (PasswordText): only its hash is known here.",
            subcode=(SECURITY, "UnsupportedSecurityToken"),
        )
    return _text(token, f"{{{SECURITY}}}Username"), password.text or ""


def _refuse_old(timestamp: etree._Element | None, needed: bool, now: dt.datetime) -> None:
    if timestamp is None:
        if needed:
            raise Fault("The message has no timestamp (wsu:Timestamp).", subcode=(SECURITY, "InvalidSecurity"))
        return
    try:
        created = moment_of(_text(timestamp, f"{{{UTILITY}}}Created"))
        expires = _text(timestamp, f"{{{UTILITY}}}Expires")
        holds = created - _SKEW <= now and now <= (moment_of(expires) if expires else created) + _SKEW
    except Refused as error:
        raise Fault("The timestamp of the message cannot be read.", subcode=(SECURITY, "InvalidSecurity")) from error
    if not holds:
        raise Fault(
            "The timestamp of the message is not of now: look at the clock of the client.",
            subcode=(UTILITY, "MessageExpired"),
        )
