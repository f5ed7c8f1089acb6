"""The last frames of a pile, as they are shown to who looks for a fault."""

from custom_components.ykc.protocol import MAX_FRAME, UP, Frame, Heartbeat, ReadRealtime, StandIns, decode, encode_frame
from custom_components.ykc.server.limits import MAX_RECENT_FRAMES
from custom_components.ykc.server.recent_frames import RecentFrames
from custom_components.ykc.server.taps import Taps
from tests.server.house import House, eventually
from tests.server.peer import CODE, Peer

OTHER = "32010200000002"


class Line:
    """What piles say, told to whoever keeps the last of it."""

    def __init__(self) -> None:
        """Keep the frames of one pile."""
        self.recent = RecentFrames()
        self.recent.watch(CODE)
        self._taps = Taps()
        self._taps.subscribe(self.recent.take)

    def say(self, frame: bytes, *, pile: str = CODE, logged_in: bool = True) -> None:
        """Have a pile say something."""
        came = Frame(frame)
        self._taps.offer(UP, came, decode(came), address="192.0.2.1", pile=pile, logged_in=logged_in)

    def told(self, code: str = CODE) -> dict[str, object]:
        """Return what is shown."""
        return self.recent.told(code, StandIns([CODE, OTHER]))


def ask(number: int, code: str = CODE) -> bytes:
    """Return a frame that is known by its sequence."""
    return ReadRealtime(pile=code, gun=1).to_frame(number.to_bytes(2, "big"))


def sequences(told: dict[str, object]) -> list[object]:
    """Return by what the frames are known."""
    frames = told["frames"]
    assert isinstance(frames, list)
    return [frame["sequence"] for frame in frames]


def test_the_last_hundred() -> None:
    """The oldest make room for the newest, however long they are."""
    line = Line()
    for number in range(MAX_RECENT_FRAMES + 5):
        line.say(ask(number))
    shown = sequences(line.told())
    assert len(shown) == 100
    assert (shown[0], shown[-1]) == ("0005", "0068")
    assert MAX_RECENT_FRAMES * MAX_FRAME < 26_000


def test_heartbeats_are_counted() -> None:
    """They take no room, and it is told how many were between two frames."""
    line = Line()
    beat = Heartbeat(pile=CODE, gun=1, gun_state=0).to_frame()
    line.say(ask(1))
    for _ in range(300):
        line.say(beat)
    line.say(ask(2))
    line.say(beat)
    told = line.told()
    assert told["heartbeats"] == 301
    assert isinstance(told["last_heartbeat"], str)
    frames = told["frames"]
    assert isinstance(frames, list)
    assert [frame["heartbeats"] for frame in frames] == [0, 300]


def test_only_of_the_pile_itself() -> None:
    """Frames of others, and of whoever has not logged in, are kept for nobody; of a forgotten pile none are left."""
    line = Line()
    line.say(ask(1), logged_in=False)
    line.say(ask(2, OTHER), pile=OTHER)
    assert line.told() == {"heartbeats": 0, "last_heartbeat": None, "frames": []}
    assert line.told(OTHER) == line.told()
    line.say(ask(3))
    assert sequences(line.told()) == ["0003"]
    line.recent.watch(CODE)
    assert sequences(line.told()) == ["0003"]
    line.recent.forget(CODE)
    assert line.told()["frames"] == []


async def test_a_conversation(house: House) -> None:
    """What a pile and the platform said is there in both directions, decoded, with the login and without the code."""
    recent = RecentFrames()
    recent.watch(CODE)
    house.listener.taps.subscribe(recent.take)
    _, peer = await house.online()
    assert isinstance(peer, Peer)
    peer.write(encode_frame(0x7E, bytes.fromhex(CODE)))
    await eventually(lambda: house.listener.trouble.counts["unknown_frame"])
    told = recent.told(CODE, StandIns([CODE]))
    frames = {frame["name"]: frame for frame in told["frames"]}
    assert {"login", "login_reply"} <= frames.keys()
    assert frames["login"]["direction"] == "up"
    assert frames["login_reply"]["direction"] == "down"
    assert frames["login"]["fields"]["pile"] == frames["login_reply"]["fields"]["pile"] == StandIns([CODE]).of(CODE)
    assert frames[None]["error"] == "unknown_type"
    assert frames[None]["fields"] is None
    assert CODE not in str(told)
