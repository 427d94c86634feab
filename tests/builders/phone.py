"""Somebody's phone: requests with their token."""

from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask

from backend.foundation.clock import now
from backend.foundation.db import transactional
from backend.foundation.tenancy import acting_in
from backend.people.devices import begin_device
from backend.people.facts import facts_of
from backend.people.tokens import access_token
from tests.builders import canaries


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
    """Sends requests as one person, or as nobody. It fetches a token as a real one does: once in a while."""

    app: Flask
    office_id: int | None = None
    person_id: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    _token: str = ""
    _fetched_at: datetime | None = None

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
            if response.status_code >= 400:
                canaries.note(f"refusal of {method} {path.partition('?')[0]}", response.data)
            return Answer(response.status_code, response.get_json(silent=True), response.headers)

    def _headers(self) -> dict[str, str]:
        if self.person_id is None:
            return dict(self.headers)
        if self._fetched_at is None or abs(now() - self._fetched_at) > timedelta(minutes=20):
            self._token, self._fetched_at = Context().run(self._fetch), now()
        return {"Authorization": f"Bearer {self._token}"} | self.headers

    def logs_in_again(self) -> None:
        """The next request goes with another token, of another device."""
        self._fetched_at = None
        self.app.extensions.get("devices of tests", {}).pop((self.office_id, self.person_id), None)

    def _fetch(self) -> str:
        devices = self.app.extensions.setdefault("devices of tests", {})
        with self.app.app_context(), acting_in(self.office_id):
            whose = self.office_id, UUID(str(self.person_id))
            if whose not in devices:
                devices[whose] = transactional(begin_device)(whose[1], name=None, installation_id=None).id
            facts = facts_of(whose[1], device_id=devices[whose])
            if facts.has_ended:
                del devices[whose]
                return self._fetch()
            return access_token(facts, office_id=self.office_id, person_id=whose[1], device_id=devices[whose])


def _keyed(key: str | None) -> dict[str, str]:
    return {} if key is None else {"Idempotency-Key": key}


def a_key() -> str:
    return uuid4().hex
