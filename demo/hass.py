"""A Home Assistant process with a configuration folder of its own."""

from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
import importlib.util
import json
from pathlib import Path
import sys
from types import TracebackType
from typing import Self

import aiohttp

from .client import ANSWER_SECONDS, Client, Json
from .errors import Failed
from .flows import DOMAIN, entries, remove
from .ports import LOOPBACK, free_port, is_free
from .processes import STOP_SECONDS, Child
from .waiting import until

REPOSITORY = Path(__file__).resolve().parent.parent
USER = "demo"
PASSWORD = "charge-me"

_START_SECONDS = 180.0

# Not default_config: what needs the internet stays out. The place is Shanghai, where the
# piles' clocks are; a country would make Home Assistant suggest services of that country.
_CONFIGURATION = """\
homeassistant:
  name: YKC
  language: {language}
  latitude: 31.23
  longitude: 121.47
  elevation: 4
  unit_system: metric
  currency: CNY
  time_zone: Asia/Shanghai
http:
  server_host: {host}
  server_port: {port}
frontend:
config:
recorder:
  commit_interval: 1
history:
logbook:
energy:
logger:
  default: warning
  logs:
    custom_components.ykc: {log_level}
    aiohttp_fast_zlib: error
    haffmpeg: fatal
  # Parts that need packages of their own are not set up, and not missed.
  filters:
    homeassistant.setup: ["^(?!.*ykc)"]
    homeassistant.util.loop: ["components.analytics"]
automation: !include automations.yaml
"""

# Onboarding without its core_config step, which would add weather and radio.
_ONBOARDING = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "integration", "analytics"]},
}


# Home Assistant imports these when it is asked for its actions, which every page does:
# for voice (they need a compiler to be installed) and for camera pictures. None is used.
_STAND_INS = {
    "pymicro_vad": "MicroVad",
    "pyspeex_noise": "AudioProcessor",
    "turbojpeg": "TurboJPEG",
}


@dataclass
class Hass:
    """One Home Assistant: its folder lives on when the process is killed."""

    folder: Path
    language: str = "en"
    host: str = LOOPBACK
    port: int = field(default_factory=free_port)
    log_level: str = "info"
    patience: float = ANSWER_SECONDS
    """Seconds that its client waits for an answer."""
    stop_patience: float = STOP_SECONDS
    """Seconds after which a process that is to stop is killed."""
    _child: Child | None = field(default=None, init=False)
    _client: Client | None = field(default=None, init=False)

    async def __aenter__(self) -> Self:
        """Leave the start to `start`: a test starts and kills as it likes."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop what runs."""
        await self.stop()

    @property
    def url(self) -> str:
        """Return the address on this machine."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def child(self) -> Child:
        """Return the process that was started last."""
        if self._child is None:
            raise Failed("Home Assistant was not started")
        return self._child

    def prepare(self) -> None:
        """Write the configuration, with the integration of this tree linked in."""
        storage = self.folder / ".storage"
        storage.mkdir(parents=True, exist_ok=True)
        if not (onboarding := storage / "onboarding").exists():
            onboarding.write_text(json.dumps(_ONBOARDING))
        # Once imported, the address in configuration.yaml would not be looked at again.
        (storage / "http").unlink(missing_ok=True)
        (self.folder / "automations.yaml").touch()
        (self.folder / "configuration.yaml").write_text(
            _CONFIGURATION.format(
                language=self.language,
                host=self.host,
                port=self.port,
                log_level=self.log_level,
            )
        )
        components = self.folder / "custom_components"
        components.mkdir(exist_ok=True)
        if not (link := components / "ykc").is_symlink():
            link.symlink_to(REPOSITORY / "custom_components" / "ykc")
        for module, name in _STAND_INS.items():
            # The folder is the process's working directory, from which Python imports.
            if importlib.util.find_spec(module) is None:
                (self.folder / f"{module}.py").write_text(f"class {name}: ...\n")

    async def start(self) -> Client:
        """Start the process, onboard at the first start, and log in."""
        await self.launch()
        self._client = Client(self.url, self.patience)
        try:
            await self._enter(self._client)
        except Failed as err:
            raise Failed(f"{err}\n{self.child.tail()}") from err
        return self._client

    async def launch(self) -> None:
        """Start the process, and leave it to itself.

        Home Assistant would answer a taken port by listening on 8123 for
        everybody: the port is looked at first.
        """
        if not is_free(self.port, self.host):
            raise Failed(f"port {self.port} of {self.host} is taken")
        self.prepare()
        self._child = await Child.start(
            "Home Assistant",
            [
                sys.executable,
                *("-m", "homeassistant", "--config", self.folder),
                # Everything that is needed is in the environment already.
                *("--skip-pip", "--log-no-color"),
            ],
            log=self.folder / "output.log",
            cwd=self.folder,
        )

    async def _enter(self, client: Client) -> None:
        """Wait for the interface, create the owner if there is none, log in."""
        status = await until("Home Assistant answers", self._onboarding, _START_SECONDS)
        if status != HTTPStatus.NOT_FOUND:
            await self._create_owner(client)
        await client.log_in(USER, PASSWORD)

        async def is_running() -> bool | None:
            self.child.check()
            config = await client.command("get_config")
            return True if config["state"] == "RUNNING" else None

        await until("Home Assistant is running", is_running, _START_SECONDS)
        await self._settle(client)

    async def _onboarding(self) -> HTTPStatus | None:
        """Look for the onboarding page: it is gone once there is an owner."""
        self.child.check()
        async with aiohttp.ClientSession(self.url) as http:
            try:
                async with http.get("/manifest.json") as frontend:
                    if not frontend.ok:
                        return None
                async with http.get("/api/onboarding") as page:
                    return HTTPStatus(page.status)
            except aiohttp.ClientError:
                return None

    async def _create_owner(self, client: Client) -> None:
        """Do the only onboarding step that is left."""
        await client.request(
            "POST",
            "/api/onboarding/users",
            {
                "name": USER.capitalize(),
                "username": USER,
                "password": PASSWORD,
                "client_id": f"{self.url}/",
                "language": self.language,
            },
        )

    async def _settle(self, client: Client) -> None:
        """Make the start final, and quiet what has nothing to do with piles."""
        if (await client.command("http/config"))["pending"] is not None:
            # From YAML it is a trial: not confirmed, it ends in a restart.
            await client.command("http/config/promote")
        # Made anew at each start, a moment after it; without the internet it only complains.
        marketplace = partial(_some_entries, client, "marketplace")
        for entry in await until("Home Assistant's marketplace is there", marketplace, _START_SECONDS):
            await remove(client, entry["entry_id"])
        await set_language(client, self.language)
        # What is not installed is reported there, and that the address is set in YAML.
        await client.call("persistent_notification.dismiss_all")
        for issue in (await client.command("repairs/list_issues"))["issues"]:
            if issue["domain"] != DOMAIN:
                await client.command(
                    "repairs/ignore_issue", domain=issue["domain"], issue_id=issue["issue_id"], ignore=True
                )

    async def stop(self) -> None:
        """Stop Home Assistant in good order."""
        await self._leave()
        if self._child is not None:
            await self._child.stop(self.stop_patience)

    async def kill(self) -> None:
        """Kill Home Assistant as a power cut would."""
        await self.child.kill()
        await self._leave()

    async def _leave(self) -> None:
        """Close the client of the last start."""
        if self._client is not None:
            await self._client.close()
            self._client = None


async def _some_entries(client: Client, domain: str) -> list[Json] | None:
    """Return the config entries of an integration, None for none."""
    return await entries(client, domain) or None


async def set_language(client: Client, language: str) -> None:
    """Choose the language in which the user reads the interface."""
    await client.command(
        "frontend/set_user_data",
        key="language",
        value={"language": language, "number_format": "language"},
    )
