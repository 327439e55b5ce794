"""Holds answers to backend/api/openapi.json.

The few words of JSON Schema that the description uses; a word that is not
known here is an error, so that nothing described goes unchecked.
"""
import json
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool,
         "integer": int, "number": (int, float), "null": type(None)}
KNOWN = {"type", "description", "format", "properties", "required",
         "additionalProperties", "items", "maxItems", "enum", "pattern",
         "minimum", "maximum", "oneOf", "$ref", "minItems", "minLength",
         "maxLength"}


def load():
    with open(os.path.join(ROOT, "backend", "api", "openapi.json")) as f:
        return json.load(f)


class Mismatch(AssertionError):
    pass


def is_type(value, name):
    if isinstance(value, bool) and name in ("integer", "number"):
        return False
    return isinstance(value, TYPES[name])


def check(document, schema, value, at="$"):
    """Mismatch, with the place, if value is not as schema says."""
    def wrong(what):
        raise Mismatch("%s: %s, got %.200r" % (at, what, value))

    assert not set(schema) - KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return check(document, document["components"]["schemas"][name],
                     value, at)
    if "oneOf" in schema:
        fits = 0
        for one in schema["oneOf"]:
            try:
                check(document, one, value, at)
                fits += 1
            except Mismatch as e:
                why = e
        if fits != 1:
            wrong("fits %d of the choices (%s)" % (fits, why))
        return None
    names = schema.get("type")
    names = [names] if isinstance(names, str) else names
    if names and not any(is_type(value, n) for n in names):
        wrong("expected %s" % " or ".join(names))
    if "enum" in schema and value not in schema["enum"]:
        wrong("expected one of %s" % schema["enum"])
    if isinstance(value, str) and "pattern" in schema \
            and not re.search(schema["pattern"], value):
        wrong("expected %s" % schema["pattern"])
    if isinstance(value, str) and not schema.get("minLength", 0) \
            <= len(value) <= schema.get("maxLength", len(value)):
        wrong("of another length")
    if is_type(value, "number"):
        if not schema.get("minimum", value) <= value \
                <= schema.get("maximum", value):
            wrong("out of range")
    if isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            wrong("too many")
        if len(value) < schema.get("minItems", 0):
            wrong("too few")
        for i, item in enumerate(value):
            check(document, schema.get("items", {}), item,
                  "%s[%d]" % (at, i))
    if isinstance(value, dict) and "properties" in schema:
        check_object(document, schema, value, at, wrong)
    elif isinstance(value, dict) and schema.get("additionalProperties"):
        check_members(document, schema["additionalProperties"], value, at)
    return None


def check_members(document, members, value, at):
    """Of an object whose names are not told one by one."""
    for key, item in value.items():
        check(document, members, item, "%s.%s" % (at, key))


def check_object(document, schema, value, at, wrong):
    missing = set(schema["required"]) - set(value)
    if missing:
        wrong("without %s" % sorted(missing))
    unknown = set(value) - set(schema["properties"])
    if unknown:
        wrong("not described: %s" % sorted(unknown))
    for key, item in value.items():
        check(document, schema["properties"][key], item,
              "%s.%s" % (at, key))


def resolve(document, part):
    """What a reference into the document stands for."""
    if "$ref" not in part:
        return part
    for key in part["$ref"].split("/")[1:]:
        document = document[key]
    return document


def operation(document, path, method="get"):
    return document["paths"][path][method]


def check_answer(document, path, status, content_type, body, method="get"):
    """An answer to a path, as the description has it."""
    responses = operation(document, path, method)["responses"]
    assert str(status) in responses, "%s: %d is not described" % (path,
                                                                  status)
    content = resolve(document, responses[str(status)])["content"]
    kind = content_type.split(";")[0]
    assert kind in content, "%s: %s is not described" % (path, kind)
    if not kind.startswith("text/"):
        check(document, content[kind]["schema"], json.loads(body))
