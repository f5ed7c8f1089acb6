"""A pile's end of the line: from the login to the loss of the connection."""

import asyncio
from collections.abc import Coroutine
import logging
from typing import TYPE_CHECKING, Any

from custom_components.ykc.protocol import Frame, LoginReply, LoginResult, Message, ReadRealtime

from .channel import Channel
from .conversations import Handler, Request, handler_of, inspection
from .conversations.registration import power_up
from .line import Link

if TYPE_CHECKING:
    from .pile import VirtualPile

_LOGGER = logging.getLogger(__name__)


class Handset:
    """Hears for a pile, and does what takes a connection."""

    def __init__(self, pile: VirtualPile) -> None:
        """Begin without a connection."""
        self.logged_in = False
        self.ready = False
        """Whether the talk after the login is over."""
        self.overlaps = 0
        """Commands that came while another one waited for its reply, but for a 0x12: any report of its gun answers that."""
        self._pile = pile
        self._thinking: set[asyncio.Task[None]] = set()
        self._heard: float | None = None
        self._group: asyncio.TaskGroup | None = None

    async def converse(self, link: Link) -> None:
        """Hold the conversation on a new connection."""
        pile = self._pile
        pile.post.channel = Channel(link, pile.code, pile.behaviour)
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                group.create_task(power_up(pile))
        finally:
            self._group = pile.post.channel = None
            self._heard = None
            was_online = self.logged_in
            self.logged_in = self.ready = False
            for gun in pile.guns.values():
                gun.waiting = gun.asking = None
            pile.plans.clear()
            if was_online:
                pile.say("offline")

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        """Do something that ends with the connection; None when that is ending already."""
        if self._group is not None:
            try:
                return self._group.create_task(work)
            except RuntimeError:
                pass  # the group is being taken down: the connection was lost a moment ago
        work.close()
        return None

    def receive(self, frame: Frame, message: Message) -> bool:
        """Take a message that is meant for this pile, and tell whether it is."""
        pile = self._pile
        if not inspection.is_for(pile, message):
            return False
        _LOGGER.debug("%s: gets %s %s", pile.code, message.NAME, frame.raw.hex(" "))
        if message.TYPE in pile.behaviour.ignores:
            return True
        if complaint := inspection.complaint(pile, frame, message) or self._too_soon(message):
            pile.post.complain(complaint)
            return True
        if isinstance(message, LoginReply):
            self.logged_in = message.result == LoginResult.OK
        pile.post.take(message)
        if handler := handler_of(message):
            request = Request(pile, message, frame.sequence)
            if message.REPLY is not None:
                self.overlaps += bool(self._thinking)
                if pile.behaviour.reply_delay:
                    self._answer_later(handler, request)
                    return True
            handler(request)
        return True

    def complain(self, about: str) -> None:
        """Note a frame that nobody can read."""
        self._pile.post.complain(about)

    def _too_soon(self, message: Message) -> str | None:
        """Return what to complain about when a frame that was not asked for follows another one too closely."""
        if message.REPLY is None and not isinstance(message, LoginReply):
            return None
        before, self._heard = self._heard, self._pile.clock.elapsed()
        if before is None or self._heard - before >= self._pile.behaviour.deaf_seconds:
            return None
        return f"{message.NAME} came {self._heard - before:.3f} s after another frame that was not asked for"

    def _answer_later(self, handler: Handler, request: Request[Any]) -> None:
        thought = self.begin(_think(handler, request))
        if thought and not isinstance(request.message, ReadRealtime):
            self._thinking.add(thought)
            thought.add_done_callback(self._thinking.discard)


async def _think(handler: Handler, request: Request[Any]) -> None:
    await request.pile.clock.sleep(request.pile.behaviour.reply_delay)
    handler(request)
