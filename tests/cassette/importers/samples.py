"""Small recordings of every format, written by hand, and a helper that reads them."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

from bi_contracts.cassette.importers import Refused, load_importers
from bi_contracts.cassette.importers.base import HEAD
from bi_contracts.cassette.importers.run import read_file
from bi_contracts.interaction import Interaction

BODY = '{"id":7,"name":"Ada"}'
PACKED = base64.b64encode(gzip.compress(BODY.encode(), mtime=0)).decode()

VCRPY = f"""\
interactions:
- request:
    body: '{{"page": 1}}'
    headers:
      Accept: ['*/*']
    method: POST
    uri: https://api.example.com/v1/things?x=1
  response:
    body:
      string: '{BODY}'
    headers:
      Content-Type: [application/json]
      Set-Cookie: [a=1, b=2]
      Date: ['Mon, 03 Feb 2025 19:07:21 GMT']
    status: {{code: 201, message: Created}}
version: 1
"""

VCRPY_JSON = json.dumps(
    {
        "version": 1,
        "interactions": [
            {
                "request": {
                    "method": "GET",
                    "uri": "https://api.example.com/v1/things",
                    "body": None,
                    "headers": {"Accept": ["*/*"]},
                },
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {"X-Count": [3]},
                    "body": {"string": BODY},
                },
            }
        ],
    }
)

VCRPY_LEGACY = f"""\
interactions:
- request:
    body: ''
    headers: {{accept: ['*/*']}}
    method: GET
    uri: https://api.example.com/v1/things
  response:
    content: '{BODY}'
    headers: {{}}
    http_version: HTTP/1.1
    status_code: 404
version: 1
"""

VCRPY_SINGLE = f"""\
request:
  method: GET
  uri: https://api.example.com/v1/things
  body: null
  headers: {{Accept: '*/*'}}
response:
  status: {{code: 200, message: OK}}
  headers: {{Content-Type: [application/json]}}
  body: {{string: '{BODY}'}}
"""

VCRPY_GZIP = f"""\
interactions:
- request: {{method: GET, uri: 'https://api.example.com/v1/things', body: null, headers: {{}}}}
  response:
    body:
      string: !!binary |
        {PACKED}
    headers:
      Content-Encoding: [gzip]
      Content-Length: ['999']
    status: {{code: 200, message: OK}}
version: 1
"""

RUBY = f"""\
---
http_interactions:
- request:
    method: get
    uri: https://api.example.com/v1/things
    body:
      encoding: US-ASCII
      string: ''
    headers:
      Accept:
      - "*/*"
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        {base64.b64encode(BODY.encode()).decode()}
    http_version:
  recorded_at: Mon, 03 Feb 2025 19:07:21 GMT
- request:
    method: post
    uri: https://api.example.com/v1/things
    body:
      encoding: UTF-8
      base64_string: {base64.b64encode(b"a=1").decode()}
    headers: {{}}
  response:
    status: {{code: 200, message: OK}}
    headers: {{}}
    body: {{encoding: ISO-8859-1, string: "caf\\xE9"}}
  recorded_at: 2025-02-03T19:07:21Z
recorded_with: VCR 6.3.1
"""

RUBY_STRUCTS = """\
---
- !ruby/struct:VCR::HTTPInteraction
  request: !ruby/struct:VCR::Request
    method: :get
    uri: https://api.example.com:443/v1/things
    body:
    headers:
  response: !ruby/struct:VCR::Response
    status: !ruby/struct:VCR::ResponseStatus
      code: 200
      message: OK
    headers:
      content-type: !ruby/array:Array
      - text/html
    body: !ruby/string:Wrapped
      str: hello
    http_version: "1.1"
"""

HAR = json.dumps(
    {
        "log": {
            "version": "1.2",
            "creator": {"name": "hand", "version": "1"},
            "entries": [
                {
                    "startedDateTime": "2025-02-03T19:07:21.000Z",
                    "time": 125,
                    "request": {
                        "method": "POST",
                        "url": "https://api.example.com/v1/things",
                        "headers": [
                            {"name": ":authority", "value": "api.example.com"},
                            {"name": "Accept", "value": "*/*"},
                        ],
                        "postData": {"mimeType": "application/json", "text": '{"page":1}'},
                    },
                    "response": {
                        "status": 200,
                        "statusText": "OK",
                        "headers": [{"name": "Content-Encoding", "value": "gzip"}],
                        "content": {
                            "size": len(BODY),
                            "mimeType": "application/json",
                            "encoding": "base64",
                            "text": base64.b64encode(BODY.encode()).decode(),
                        },
                    },
                }
            ],
        }
    }
)

JSONL = (
    json.dumps({"status": 200, "headers": {"Content-Type": "application/json"}, "body": json.loads(BODY)})
    + "\n\n"
    + json.dumps({"status": 404, "body": None, "method": "DELETE", "url": "https://api.example.com/v1/things/7"})
    + "\n"
    + json.dumps(
        {
            "status": 200,
            "headers": {},
            "body": [],
            "elapsed": 0.5,
            "endpoint": "shop/things",
            "request": {"method": "POST", "url": "https://api.example.com/v1/things", "body": {"page": 1}},
        }
    )
    + "\n"
)

NANGO = json.dumps(
    {
        "input": {},
        "output": {},
        "nango": {},
        "api": {
            "get": {
                "/v1/things": [
                    {
                        "response": {"id": 7},
                        "status": 200,
                        "headers": {"date": "Mon, 03 Feb 2025 19:07:21 GMT"},
                        "hash": "0",
                        "request": {"params": {"limit": 5, "tag": ["a", "b"]}},
                    },
                    {"response": "", "status": 204, "request": {"params": [["limit", 5]], "headers": [["X-A", "1"]]}},
                ]
            },
            "post": {"/v1/things": {"response": {"ok": True}, "status": 201, "request": {"data": {"name": "Ada"}}}},
        },
    }
)

NANGO_MOCK = json.dumps(
    {
        "method": "get",
        "endpoint": "v1/things",
        "requestIdentityHash": "0",
        "requestIdentity": {"method": "get", "endpoint": "v1/things", "params": [["limit", 10]], "headers": []},
        "response": {"id": 7},
        "status": 200,
        "headers": {"content-type": "application/json"},
    }
)

ALL = {
    "vcrpy": VCRPY,
    "vcrpy json": VCRPY_JSON,
    "vcrpy legacy": VCRPY_LEGACY,
    "vcrpy single": VCRPY_SINGLE,
    "vcrpy gzip": VCRPY_GZIP,
    "ruby": RUBY,
    "ruby structs": RUBY_STRUCTS,
    "har": HAR,
    "jsonl": JSONL,
    "nango": NANGO,
    "nango mock": NANGO_MOCK,
}


def put(folder: Path, content: str | bytes, name: str = "recording") -> Path:
    """A file with the content; the name says nothing about the format."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read_all(path: Path) -> tuple[str, list[Interaction | Refused]]:
    """The format's name and everything in the file."""
    importer = load_importers(()).of(path.read_bytes()[:HEAD], path)
    assert importer is not None, "no importer knows the file"
    return importer.name, list(read_file(importer, path))


def interactions(path: Path) -> list[Interaction]:
    """The file's interactions; nothing in it may be refused."""
    found = read_all(path)[1]
    assert all(isinstance(one, Interaction) for one in found), found
    return [one for one in found if isinstance(one, Interaction)]


def refusals(path: Path) -> list[Refused]:
    """What is refused in the file."""
    return [one for one in read_all(path)[1] if isinstance(one, Refused)]
