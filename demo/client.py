"""A client of Home Assistant's REST and websocket interfaces."""

import asyncio
from collections.abc import Callable, Mapping
import contextlib
from http import HTTPStatus
from typing import Any

import aiohttp

from .errors import Failed, Refused

type Json = dict[str, Any]

ANSWER_SECONDS = 60.0


class Client:
    """One logged-in user: REST calls, websocket commands and subscriptions."""

    def __init__(self, url: str, patience: float = ANSWER_SECONDS) -> None:
        """Prepare a client of the Home Assistant at `url`, which waits so many seconds; `log_in` comes first."""
        self.url = url
        self._patience = patience
        self._http = aiohttp.ClientSession(base_url=url, timeout=aiohttp.ClientTimeout(total=patience))
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[Json]] = {}
        self._subscribers: dict[int, Callable[[Json], None]] = {}
        self._headers: dict[str, str] = {}
        self._last_id = 0

    async def close(self) -> None:
        """Close the connection; unanswered commands fail."""
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        await self._http.close()

    async def request(self, method: str, path: str, json: object = None, *, form: Json | None = None) -> Any:
        """Call the REST interface and return its JSON answer."""
        try:
            async with self._http.request(method, path, json=json, data=form, headers=self._headers) as response:
                if response.status >= HTTPStatus.BAD_REQUEST:
                    text = await response.text()
                    raise Failed(f"{method} {path}: {response.status} {text}")
                return await response.json()
        except (aiohttp.ClientError, TimeoutError) as err:
            raise Failed(f"{method} {path}: {err!r}") from err

    async def log_in(self, user: str, password: str) -> None:
        """Log in as a person does, and open the websocket."""
        client_id = f"{self.url}/"
        flow = await self.request(
            "POST",
            "/auth/login_flow",
            {
                "client_id": client_id,
                "handler": ["homeassistant", None],
                "redirect_uri": client_id,
            },
        )
        step = await self.request(
            "POST",
            f"/auth/login_flow/{flow['flow_id']}",
            {"client_id": client_id, "username": user, "password": password},
        )
        if step["type"] != "create_entry":
            raise Failed(f"could not log in as {user}: {step.get('errors')}")
        token = await self.request(
            "POST",
            "/auth/token",
            form={
                "grant_type": "authorization_code",
                "code": step["result"],
                "client_id": client_id,
            },
        )
        self._headers = {"Authorization": f"Bearer {token['access_token']}"}
        await self._open(token["access_token"])

    async def _open(self, token: str) -> None:
        """Open the websocket and start to read it."""
        self._socket = await self._http.ws_connect("/api/websocket", max_msg_size=0)
        await self._socket.receive_json()  # auth_required
        await self._socket.send_json({"type": "auth", "access_token": token})
        answer = await self._socket.receive_json()
        if answer["type"] != "auth_ok":
            raise Failed(f"the websocket refused the token: {answer}")
        self._reader = asyncio.create_task(self._read(self._socket))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Hand each message to the one who waits for it."""
        try:
            async for message in socket:
                data: Json = message.json()
                if data["type"] == "event":
                    if subscriber := self._subscribers.get(data["id"]):
                        subscriber(data["event"])
                elif answer := self._answers.pop(data["id"], None):
                    answer.set_result(data)
        finally:
            for answer in self._answers.values():
                answer.set_exception(Failed("the websocket was closed"))
            self._answers.clear()

    async def command(self, kind: str, **fields: object) -> Any:
        """Send a websocket command and return its result; raises Refused."""
        return await self._send(kind, fields, None)

    async def subscribe(self, subscriber: Callable[[Json], None], kind: str, **fields: object) -> None:
        """Have each event of a subscription handed to `subscriber`."""
        await self._send(kind, fields, subscriber)

    async def _send(
        self,
        kind: str,
        fields: Mapping[str, object],
        subscriber: Callable[[Json], None] | None,
    ) -> Any:
        """Send a command under a new id and await its answer."""
        if self._socket is None or self._reader is None or self._reader.done():
            raise Failed(f"{kind}: there is no connection to Home Assistant")
        self._last_id += 1
        number = self._last_id
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        if subscriber is not None:
            self._subscribers[number] = subscriber
        try:
            await self._socket.send_json({"id": number, "type": kind, **fields})
            result = await asyncio.wait_for(answer, self._patience)
        except (aiohttp.ClientError, TimeoutError) as err:
            self._answers.pop(number, None)
            raise Failed(f"{kind}: {err!r}") from err
        if not result["success"]:
            raise Refused(kind, result["error"])
        return result["result"]

    async def call(
        self,
        action: str,
        *,
        target: Mapping[str, object] | None = None,
        returns: bool = False,
        **data: object,
    ) -> Any:
        """Perform an action; with `returns`, give back its response."""
        domain, _, service = action.partition(".")
        result = await self.command(
            "call_service",
            domain=domain,
            service=service,
            service_data=data,
            target=dict(target or {}),
            return_response=returns,
        )
        return result["response"] if returns else None
