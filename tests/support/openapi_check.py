"""Holds real requests and replies of the API against its description: the part of JSON Schema 2020-12 that
service/front/openapi.json uses, and no more; a keyword that is not known here is a fault of the description.

    check = Openapi(document)
    check.reply("GET", "/v1/sealings/sl_...", answer)     raises Mismatch
"""
import json
import re
from datetime import datetime

KNOWN = {"$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "oneOf", "pattern", "minimum",
         "maximum", "minLength", "maxLength", "minItems", "format", "description"}


class Mismatch(Exception):
    pass


def is_of(value, kind):
    return {"object": isinstance(value, dict), "array": isinstance(value, list), "string": isinstance(value, str),
            "boolean": isinstance(value, bool), "null": value is None,
            "integer": isinstance(value, int) and not isinstance(value, bool)}[kind]


class Openapi:
    def __init__(self, document):
        self.document = document
        self.seen = set()  # (operationId, status)
        for schema in self.schemas(document):
            unknown = set(schema) - KNOWN
            if unknown:
                raise Mismatch(f"keywords that this checker does not know: {unknown}")

    def schemas(self, node, inside=False):
        """Every schema below a node."""
        if isinstance(node, list):
            for item in node:
                yield from self.schemas(item, inside)
        elif isinstance(node, dict):
            if inside:
                yield node
                for key in ("properties",):
                    for item in node.get(key, {}).values():
                        yield from self.schemas(item, True)
                for key in ("items", "oneOf"):
                    yield from self.schemas(node.get(key, []), True)
            else:
                for key, item in node.items():
                    if key == "schemas":
                        for schema in item.values():
                            yield from self.schemas(schema, True)
                    else:
                        yield from self.schemas(item, key == "schema")

    def resolve(self, schema):
        while "$ref" in schema:
            node = self.document
            for name in schema["$ref"].removeprefix("#/").split("/"):
                node = node[name]
            schema = node
        return schema

    def value(self, value, schema, path="$"):
        schema = self.resolve(schema)
        def wrong(why):
            raise Mismatch(f"{path}: {why}: {json.dumps(value)[:200]}")
        kinds = schema.get("type")
        if kinds is not None and not any(is_of(value, k) for k in ([kinds] if isinstance(kinds, str) else kinds)):
            wrong(f"not {kinds}")
        if "enum" in schema and value not in schema["enum"]:
            wrong(f"none of {schema['enum']}")
        if "const" in schema and value != schema["const"]:
            wrong(f"not {schema['const']}")
        if "oneOf" in schema:
            self.one_of(value, schema["oneOf"], path)
        if isinstance(value, str):
            self.text(value, schema, wrong)
        if is_of(value, "integer"):
            if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
                wrong("out of range")
        if isinstance(value, list):
            if len(value) < schema.get("minItems", 0):
                wrong("too few")
            for i, item in enumerate(value):
                self.value(item, schema.get("items", {}), f"{path}[{i}]")
        if isinstance(value, dict):
            self.members(value, schema, path, wrong)

    def one_of(self, value, choices, path):
        faults = []
        for choice in choices:
            try:
                self.value(value, choice, path)
            except Mismatch as fault:
                faults.append(str(fault))
        if len(choices) - len(faults) != 1:
            raise Mismatch(f"{path}: fits {len(choices) - len(faults)} of {len(choices)}: {'; '.join(faults)}")

    @staticmethod
    def text(value, schema, wrong):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            wrong(f"not like {schema['pattern']}")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            wrong("its length")
        if schema.get("format") == "date-time":
            try:
                datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")
            except ValueError:
                wrong("no instant")

    def members(self, value, schema, path, wrong):
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                wrong(f"{name} is missing")
        for name, item in value.items():
            if name in properties:
                self.value(item, properties[name], f"{path}.{name}")
            elif schema.get("additionalProperties", True) is False:
                wrong(f"{name} is not described")

    def operation(self, method, path):
        path = path.split("?", 1)[0]
        for pattern, item in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", re.escape(pattern).replace(r"\{", "{").replace(r"\}", "}")), path):
                if method.lower() in item:
                    return item[method.lower()]
        raise Mismatch(f"{method} {path} is not described")

    def request(self, method, path, name, value):
        """A JSON part of a multipart request."""
        schema = self.operation(method, path)["requestBody"]["content"]["multipart/form-data"]["schema"]
        self.value(value, schema["properties"][name])

    def reply(self, method, path, answer):
        operation = self.operation(method, path)
        described = operation["responses"].get(str(answer.status))
        if described is None:
            raise Mismatch(f"{method} {path}: {answer.status} is not described: {answer.text[:300]}")
        self.seen.add((operation["operationId"], answer.status))
        kind = (answer.headers.get("Content-Type") or "").split(";")[0]
        content = described.get("content")
        if content is None:
            return answer
        if kind not in content:
            raise Mismatch(f"{method} {path}: {answer.status}: content type {kind}")
        if kind.endswith("json"):
            self.value(answer.json, content[kind]["schema"])
        return answer
