"""Reads the records of members and tickets, their keys, and what people
write, as reader.py reads what carts say."""

import re

from reader import (Refused, boolean, choice, given, integer, message, plate,
                    unix, word)

ID = "[A-Za-z0-9_-]{1,32}"
ACTS = ["approve", "reject", "suspend", "reinstate", "plate", "replace",
        "leave", "enrol"]


def formed(v, field, form, most):
    if not re.fullmatch(form, word(v, field, most)):
        raise Refused(field)
    return v


def registration(data):
    v = message(data, "registration", 10)
    return {"id": formed(v[1], "registration.id", ID, 32),
            "at_ms": unix(v[2], "registration.at"),
            "first_name": word(v[3], "registration.first_name", 80),
            "last_name": word(v[4], "registration.last_name", 80),
            "rut": given(v[5], "registration.rut", 10),
            "mail": given(v[6], "registration.mail", 115),
            "plate": plate(v[7], "registration.plate"),
            "premium": boolean(v[8], "registration.premium"),
            "language": formed(v[9], "registration.language", "[a-z]{2}", 2)}


def decision(data):
    v = message(data, "decision", 8)
    act = choice(v[3], "decision.act", ACTS)
    if act != "plate" and v[7] is not None:
        raise Refused("decision.plate")
    out = {"id": formed(v[1], "decision.id", ID, 32),
           "who": formed(v[2], "decision.who", "[A-Z0-9]{1,26}", 26),
           "act": act, "at_ms": unix(v[4], "decision.at"),
           "by": word(v[5], "decision.by", 80),
           "reason": given(v[6], "decision.reason", 500),
           "plate": plate(v[7], "decision.plate") if act == "plate"
           else None}
    if act == "enrol":
        if len(v) < 10:
            raise Refused("decision.act")
        out["enrolment"] = integer(v[8], "decision.enrolment", 1,
                                   (1 << 32) - 1)
        out["gateway"] = formed(v[9], "decision.gateway", "[A-Z0-9]{1,26}",
                                26)
    return out


def ticket(data):
    v = message(data, "ticket", 9)
    act = choice(v[3], "ticket.act", ["open", "reply", "resolve"])
    return {"ticket": formed(v[1], "ticket.ticket", ID, 32),
            "word": formed(v[2], "ticket.word", ID, 32), "act": act,
            "at_ms": unix(v[4], "ticket.at"),
            "by": word(v[5], "ticket.by", 80),
            "cart": v[6] if v[6] is None else plate(v[6], "ticket.cart"),
            "mail": given(v[7], "ticket.mail", 115),
            "text": (given if act == "resolve" else word)(
                v[8], "ticket.text", 500)}


# As people write them.

def member_key(written):
    found = re.fullmatch("([A-Z0-9]{1,26})/(%s)" % ID, written)
    if not found:
        raise Refused("member.key")
    return {"who": found[1], "id": found[2]}


def check_digit(number):
    """Modulo 11, by way of the multiples rather than of the rest."""
    total = sum(int(d) * f for d, f in zip(reversed(str(number)),
                                           (2, 3, 4, 5, 6, 7) * 2))
    lack = next(n for n in range(11) if (total + n) % 11 == 0)
    return "K" if lack == 10 else str(lack)


def rut(written):
    """Each dot may be left out, the hyphen too."""
    found = re.fullmatch(r"([0-9]{1,3}(?:\.?[0-9]{3}){0,2})-?([0-9kK])",
                         written)
    digits = found and found[1].replace(".", "")
    if not found or len(digits) > 8 or int(digits) == 0 \
            or check_digit(int(digits)) != found[2].upper():
        raise Refused("rut")
    return {"rut": "%d-%s" % (int(digits), found[2].upper())}


def mail(written):
    atom = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
    label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    found = re.fullmatch(r"(%s(?:\.%s)*)@(?:%s\.)+(%s)"
                         % (atom, atom, label, label), written)
    if not found or len(written) > 115 or len(found[1]) > 64 \
            or len(found[2]) < 2 or not found[2][0].isalpha():
        raise Refused("mail")
    return {"mail": written}
