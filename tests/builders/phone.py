"""Somebody's phone: requests with their token."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from flask import Flask

from backend.people.tokens import access_token


@dataclass
class Answer:
    status: int
    body: Any
    headers: Any

    def __getitem__(self, name: str) -> Any:
        return self.body[name]

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return self.body["code"]


@dataclass
class Phone:
    """Sends requests as one person, or as nobody."""

    app: Flask
    office_id: int | None = None
    person_id: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> Answer:
        return self.send("GET", path, query_string=query)

    def post(self, path: str, body: Any = None, *, key: str | None = None, headers: Any = None) -> Answer:
        return self.send("POST", path, json={} if body is None else body, headers=_keyed(key) | (headers or {}))

    def put(self, path: str, body: Any) -> Answer:
        return self.send("PUT", path, json=body)

    def delete(self, path: str) -> Answer:
        return self.send("DELETE", path)

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **rest: Any) -> Answer:
        full = path if path.startswith(("/api", "/healthz", "/readyz", "/metrics", "/q/")) else f"/api/v1{path}"
        with self.app.test_client() as client:
            response = client.open(full, method=method, headers=self._headers() | (headers or {}), **rest)
            return Answer(response.status_code, response.get_json(silent=True), response.headers)

    def _headers(self) -> dict[str, str]:
        if self.person_id is None:
            return dict(self.headers)
        with self.app.app_context():
            token = access_token(office_id=self.office_id, person_id=self.person_id)
        return {"Authorization": f"Bearer {token}"} | self.headers


def _keyed(key: str | None) -> dict[str, str]:
    return {} if key is None else {"Idempotency-Key": key}


def a_key() -> str:
    return uuid4().hex
